import { createUsageWindow } from '../../async/rate-limit.js';
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
  const budget = () => createUsageWindow(clock, { ms: 1000, max: BUDGET_BYTES_PER_SECOND });
  let bytes = budget();
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
      bytes = budget();
      onMute(false);
    });
    onMute(true);
  };
  return {
    get muted() {
      return muted;
    },
    heard(count) {
      if (muted || count === 0) return;
      bytes.add(count);
      onRing();
      if (bytes.left() < 0) mute();
    },
    close: clear,
  };
}
