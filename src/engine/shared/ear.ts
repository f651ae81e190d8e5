import type { Clock, Timer } from '../../clock.js';

/** A runner rings a few times a turn. Whoever writes more than this a second is not ringing. */
const BUDGET_BYTES_PER_SECOND = 4096;
const MUTED_FOR_MS = 60_000;
const POLL_MS = 2000;

/** The incoming bell, with the byte budget that keeps a container from keeping the host busy. */
export interface Ear {
  /** So many bytes came. */
  heard(bytes: number): void;
  readonly muted: boolean;
  close(): void;
}

/**
 * `onRing` is called for what is heard. Over the budget the ear is muted for a minute: `onMute(true)` asks the owner
 * to stop listening, and until `onMute(false)` there is a ring every two seconds instead, so that nothing is missed.
 */
export function createEar(deps: { clock: Clock; onRing: () => void; onMute: (muted: boolean) => void }): Ear {
  const { clock, onRing, onMute } = deps;
  let windowStart = clock.monotonic();
  let bytesInWindow = 0;
  let muted = false;
  let timers: Timer[] = [];
  const poll = () => {
    timers[0] = clock.after(POLL_MS, () => {
      onRing();
      poll();
    });
  };
  const clear = () => {
    for (const timer of timers) timer.cancel();
    timers = [];
  };
  const mute = () => {
    muted = true;
    poll();
    timers[1] = clock.after(MUTED_FOR_MS, () => {
      clear();
      muted = false;
      bytesInWindow = 0;
      onMute(false);
    });
    onMute(true);
  };
  return {
    get muted() {
      return muted;
    },
    heard(bytes) {
      if (muted || bytes === 0) return;
      const now = clock.monotonic();
      if (now - windowStart >= 1000) {
        windowStart = now;
        bytesInWindow = 0;
      }
      bytesInWindow += bytes;
      onRing();
      if (bytesInWindow > BUDGET_BYTES_PER_SECOND) mute();
    },
    close: clear,
  };
}
