import type { Random } from '../clock.js';

export interface BackoffBounds {
  firstMs: number;
  longestMs: number;
  /** The share of a wait that is left to chance, 0 to 1, so that what failed together is not tried together. */
  jitter: number;
}

/** Milliseconds to wait after `failures` failures in a row (1 or more): `firstMs`, doubling up to `longestMs`. */
export function doubling(failures: number, bounds: Pick<BackoffBounds, 'firstMs' | 'longestMs'>): number {
  return Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures - 1, 30));
}

/** The same, shortened at random by up to `jitter`. */
export function backoff(failures: number, random: Random, bounds: BackoffBounds): number {
  return Math.round(doubling(failures, bounds) * (1 - bounds.jitter + random() * bounds.jitter));
}
