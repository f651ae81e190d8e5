import type { Clock } from '../clock.js';

/** What fails for so long is waited for no more: what comes behind it goes on. */
const LONGEST_MS = 60_000;
/** Then it is tried once in so long: a locked session takes seconds to fail, in which its whole chat waits. */
const REST_MS = 10_000;
const MAX_REMEMBERED = 1_000;

/** How long the router waits for what fails by itself. Kept in memory: after a restart everybody gets a new chance. */
export interface Patience {
  /** Notes a failure. True: it has failed for a minute and nothing went through since. */
  isOver(key: string): boolean;
  /** True: given up, and found still failing just now. */
  isResting(key: string): boolean;
  /** It went through, or failed for a reason that is not its own. */
  forget(key: string): void;
}

export function createPatience(clock: Pick<Clock, 'monotonic'>): Patience {
  const failing = new Map<string, { since: number; overAt: number | null }>();
  return {
    isOver(key) {
      const now = clock.monotonic();
      const since = failing.get(key)?.since ?? now;
      const over = now - since >= LONGEST_MS;
      failing.set(key, { since, overAt: over ? now : null });
      for (const oldest of failing.keys()) {
        if (failing.size <= MAX_REMEMBERED) break;
        failing.delete(oldest);
      }
      return over;
    },
    isResting(key) {
      const overAt = failing.get(key)?.overAt ?? null;
      return overAt !== null && clock.monotonic() - overAt < REST_MS;
    },
    forget: (key) => void failing.delete(key),
  };
}
