/**
 * Clocks are corrected by a little all the time. What is dated further ahead than this was dated by a clock that has been
 * set back since: how long it was to wait is not known any more.
 */
export const CLOCK_STEP_MS = 5000;

/** Time and chance come from here, so that tests own both. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock, epoch milliseconds. Jumps with the machine's clock: for what is stored or shown. */
  now(): number;
  /** Milliseconds that only grow: for measuring how long something takes. */
  monotonic(): number;
  /** Runs `fn` once after `ms`; the timer never keeps the process alive on its own. */
  after(ms: number, fn: () => void): Timer;
}

/** A number in [0, 1). */
export type Random = () => number;

// Node fires a timer of more than 2^31-1 ms at once instead of late.
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    const handle = setTimeout(fn, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `ms` of the clock's time. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
