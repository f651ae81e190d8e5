import { setTimeout as sleep } from 'node:timers/promises';

/** Long enough for a loaded machine; short of the tests' own limit, so that the reason is told. */
const LONGEST_MS = 45_000;
const LOOK_EVERY_MS = 10;

/** Looks until `check` gives something but false; what it threw or gave last is the reason when it never does. */
export async function eventually<T>(
  check: () => T | false | Promise<T | false>,
  what = 'what was waited for',
  longestMs = LONGEST_MS,
): Promise<T> {
  const until = performance.now() + longestMs;
  for (;;) {
    try {
      const found = await check();
      if (found !== false) return found;
      if (performance.now() > until) throw new Error(`${what} did not happen in ${longestMs} ms`);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
