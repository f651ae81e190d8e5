import { Cron, CronPattern } from 'croner';
import { reasonOf, WharfieError } from '../errors.js';

/** A cron expression, read in a time zone (IANA name). */
export interface Recurrence {
  pattern: string;
  timeZone: string;
}

/** What becomes of slots that went by: the newest of them still runs, or none. */
export type MissedPolicy = 'latest' | 'skip';

/** Codes: `bad-recurrence` (no cron expression of ours), `no-such-time` (it never comes). */
export class RecurrenceError extends WharfieError {}

const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];
const FIX = 'Write five fields: minute, hour, day of month, month, day of week, such as "30 9 * * 1-5".';

/** The first slot after a moment (epoch milliseconds), or null: there is none. Throws a RecurrenceError. */
export function firstSlotAfter(recurrence: Recurrence, at: number): number | null {
  // croner counts in whole seconds: what is left of this one is over before the next slot can be.
  return cronOf(recurrence).nextRun(new Date(at))?.getTime() ?? null;
}

/** The last slot that is not after a moment, or null. Throws a RecurrenceError. */
export function lastSlotUntil(recurrence: Recurrence, at: number): number | null {
  // croner looks for what is strictly before: nothing lies between this second and the next.
  const reference = (Math.floor(at / 1000) + 1) * 1000;
  return cronOf(recurrence).previousRuns(1, new Date(reference))[0]?.getTime() ?? null;
}

/**
 * When a series runs next. `slot`: the one that was run last; slots between it and `now` were missed. Later than `slot`
 * in any case, so that none runs twice. Null: never again. Throws a RecurrenceError.
 */
export function nextSlot(
  recurrence: Recurrence,
  { slot, now, missed }: { slot: number; now: number; missed: MissedPolicy },
): number | null {
  const newest = missed === 'latest' ? lastSlotUntil(recurrence, now) : null;
  if (newest !== null && newest > slot) return newest;
  return firstSlotAfter(recurrence, Math.max(slot, now));
}

/** Checks what somebody wrote; gives the first slot after `now`. Throws a RecurrenceError. */
export function checkRecurrence(recurrence: Recurrence, now: number): number {
  const first = firstSlotAfter(recurrence, now);
  if (first !== null) return first;
  const message = `The time ${JSON.stringify(recurrence.pattern)} never comes.`;
  throw new RecurrenceError('no-such-time', message, 'Check the day and the month.');
}

/** `no-wildcard`: whatever names its hours keeps to once a day when the clock is put back. */
const RULES = { mode: '5-part', fixedTimeRule: 'no-wildcard' } as const;

function cronOf(recurrence: Recurrence): Cron {
  const { pattern, timeZone } = recurrence;
  return parsed(recurrence, () => new Cron(pattern, { ...RULES, timezone: timeZone, paused: true }));
}

/** What croner has read out of the expression. Throws a RecurrenceError. */
export function cronPatternOf(recurrence: Recurrence): CronPattern {
  const { pattern, timeZone } = recurrence;
  return parsed(recurrence, () => new CronPattern(pattern, timeZone, RULES));
}

function parsed<T>({ pattern }: Recurrence, parse: () => T): T {
  const fields = pattern.trim().split(/\s+/);
  const wellFormed = fields.length === 5 || NICKNAMES.includes(pattern.trim().toLowerCase());
  // A plus joins the two kinds of days: few know it, and some such dates are searched for over thousands of years.
  if (!wellFormed || pattern.includes('+')) throw notCron(pattern, 'it has not five fields');
  try {
    return parse();
  } catch (error) {
    throw notCron(pattern, reasonOf(error).replace(/^CronPattern: /, ''));
  }
}

function notCron(pattern: string, reason: string): RecurrenceError {
  const message = `${JSON.stringify(pattern)} is not a cron expression: ${reason.replace(/\.$/, '')}.`;
  return new RecurrenceError('bad-recurrence', message, FIX);
}
