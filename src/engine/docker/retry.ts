import { doubling } from '../../async/backoff.js';
import type { Clock, Timer } from '../../clock.js';

const DELAYS = { firstMs: 100, longestMs: 30_000 };

/**
 * Work that may be asked for at any time, by several at once: one run at a time, one more after it for all who asked
 * meanwhile, and again with a growing delay while it fails.
 */
export interface Retry {
  now(): void;
  /** In a moment, unless somebody asks earlier. For what could otherwise go round in circles. */
  soon(): void;
  stop(): void;
}

export function createRetry(deps: {
  clock: Clock;
  work: () => Promise<void>;
  onError: (error: unknown, delayMs: number) => void;
}): Retry {
  let running = false;
  let asked = false;
  let stopped = false;
  let failures = 0;
  let timer: Timer | null = null;
  const delayMs = () => doubling(Math.max(1, failures), DELAYS);
  const soon = () => {
    if (stopped) return;
    timer?.cancel();
    timer = deps.clock.after(delayMs(), run);
  };
  const attempt = async () => {
    try {
      await deps.work();
      failures = 0;
    } catch (error) {
      if (stopped) return;
      failures++;
      deps.onError(error, delayMs());
      soon();
    }
  };
  const run = () => {
    asked = running;
    if (stopped || running) return;
    timer?.cancel();
    running = true;
    void attempt().then(() => {
      running = false;
      if (asked) run();
    });
  };
  return {
    now: run,
    soon,
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };
}
