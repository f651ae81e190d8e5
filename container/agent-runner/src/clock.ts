/** Time comes from here, so that tests own it. */
export interface Clock {
  /** Wall clock, epoch milliseconds: for what is stored or shown. */
  now(): number;
  /** Milliseconds that only grow: for measuring. */
  monotonic(): number;
  /** Runs `fn` once after `ms`. */
  after(ms: number, fn: () => void): { cancel(): void };
}

/** Timers keep the process alive: what ends a runner is its host, never an empty event loop. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, fn) {
    const handle = setTimeout(fn, Math.max(0, ms));
    return { cancel: () => clearTimeout(handle) };
  },
};

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
