import { doubling } from '../async/backoff.js';
import type { Random } from '../clock.js';
import { limits } from './limits.js';

/** A wait varied by a tenth either way, so that what failed together is not tried together. */
export function jittered(ms: number, random: Random): number {
  return Math.round(ms * (0.9 + random() * 0.2));
}

/** The wait after the `attempts`-th failure while the channel is down: 1 s doubling to 5 min. */
export function downWait(attempts: number, random: Random): number {
  return jittered(doubling(attempts, { firstMs: limits.downFirst, longestMs: limits.downLongest }), random);
}

/** The wait after the `attempts`-th failure of a message that fails alone; null: that was the last try. */
export function aloneWait(attempts: number, random: Random): number | null {
  const wait = limits.alone[attempts - 1];
  return wait === undefined ? null : jittered(wait, random);
}
