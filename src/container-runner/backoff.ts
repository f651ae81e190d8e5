import type { Random } from '../clock.js';

/** Milliseconds before the next try after `failures` (1 or more) in a row: doubling, the last quarter by chance. */
export function backoff(
  failures: number,
  random: Random,
  bounds: { firstMs: number; longestMs: number },
): number {
  const full = Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (0.75 + random() / 4));
}
