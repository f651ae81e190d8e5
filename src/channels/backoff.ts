import { backoff } from '../async/backoff.js';
import type { Random } from '../clock.js';

const CHANNEL_RETRY = { firstMs: 1000, longestMs: 5 * 60_000, jitter: 0.5 };

/** Milliseconds before a channel tries again after `failures` earlier failures in a row (0 or more): 1 s to 5 min. */
export function backoffMs(failures: number, random: Random): number {
  return backoff(failures + 1, random, CHANNEL_RETRY);
}
