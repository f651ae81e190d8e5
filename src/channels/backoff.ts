import type { Random } from '../clock.js';

const FIRST_MS = 1000;
const LONGEST_MS = 5 * 60_000;

/** Milliseconds before the try after `failures` in a row: 1 s doubling to 5 min, each shortened by up to a half. */
export function backoffMs(failures: number, random: Random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 20));
  return Math.round(full * (1 - random() / 2));
}
