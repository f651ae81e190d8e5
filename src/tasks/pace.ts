import { cronPatternOf, firstSlotAfter, type Recurrence } from './slots.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WEEK_MS = 7 * 24 * HOUR_MS;
/** Clocks are put forward and back once a year: two years have each change twice. */
const AHEAD_MS = 104 * WEEK_MS;

/**
 * The shortest time between two runs of a recurrence if it is shorter than `least` (at most an hour), else null. What
 * counts is the closest pair, not the average: `0,1 * * * *` runs after a minute. Throws a RecurrenceError.
 */
export function tooShortGap(recurrence: Recurrence, least: number, now: number): number | null {
  const { minute, hour } = cronPatternOf(recurrence);
  const minutes = indexesOf(minute);
  const gap = gapOfDay(minutes, indexesOf(hour)) * MINUTE_MS;
  if (gap < least) return gap;
  // A clock is put on by an hour, or by half of one, and what it leaves out is made up for at once: only minutes that are
  // close even then can come too close.
  const shifted = [...new Set([0, 30, ...minutes.flatMap((one) => [one, (one + 30) % 60])])];
  shifted.sort((a, b) => a - b);
  if (closest(shifted, 60) * MINUTE_MS >= least) return null;
  return gapAtClockChanges(recurrence, least, now);
}

/** Minutes between the closest two times of a day; the next day is taken to be one of the recurrence's too. */
function gapOfDay(minutes: readonly number[], hours: readonly number[]): number {
  const times = hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
  return closest(times, 24 * 60);
}

/** The smallest difference of neighbours on a circle; `sorted` ascending. */
function closest(sorted: readonly number[], round: number): number {
  return Math.min(...sorted.map((at, index) => (sorted[index + 1] ?? (sorted[0] ?? 0) + round) - at));
}

function gapAtClockChanges(recurrence: Recurrence, least: number, now: number): number | null {
  for (const change of clockChanges(recurrence.timeZone, now, now + AHEAD_MS)) {
    const until = change + least + 2 * HOUR_MS;
    let last = firstSlotAfter(recurrence, change - least - 2 * HOUR_MS);
    while (last !== null && last < until) {
      const next = firstSlotAfter(recurrence, last);
      if (next !== null && next - last < least) return next - last;
      last = next;
    }
  }
  return null;
}

/** The moments at which the zone's offset changes, to the minute. */
function clockChanges(timeZone: string, from: number, until: number): number[] {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  const offset = (at: number) =>
    format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const changes: number[] = [];
  for (let week = from; week < until; week += WEEK_MS) {
    let [before, after] = [week, week + WEEK_MS];
    if (offset(before) === offset(after)) continue;
    while (after - before > MINUTE_MS) {
      const middle = (before + after) / 2;
      if (offset(middle) === offset(week)) before = middle;
      else after = middle;
    }
    changes.push(after);
  }
  return changes;
}

function indexesOf(flags: readonly number[]): number[] {
  return flags.flatMap((flag, index) => (flag ? [index] : []));
}
