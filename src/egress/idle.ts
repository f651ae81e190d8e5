import type { Clock, Timer } from '../clock.js';

export interface IdleTimer {
  touch(): void;
  stop(): void;
}

/** Calls `onIdle` once when `ms` have passed without a `touch`; a touch costs no timer of its own. */
export function createIdleTimer(clock: Clock, ms: number, onIdle: () => void): IdleTimer {
  let last = clock.monotonic();
  const look = (): Timer =>
    clock.after(last + ms - clock.monotonic(), () => {
      if (clock.monotonic() - last >= ms) onIdle();
      else timer = look();
    });
  let timer = look();
  return {
    touch() {
      last = clock.monotonic();
    },
    stop: () => timer.cancel(),
  };
}
