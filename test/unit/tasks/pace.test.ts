import { describe, expect, it } from 'vitest';
import { tooShortGap } from '../../../src/tasks/pace.js';

const NOW = Date.parse('2026-01-15T12:00Z');
const MINUTE = 60_000;
const gap = (pattern: string, timeZone = 'Europe/Berlin', least = 5 * MINUTE) => {
  const found = tooShortGap({ pattern, timeZone }, least, NOW);
  return found === null ? null : found / MINUTE;
};

describe('the shortest time between two runs', () => {
  it.each([
    ['* * * * *', 1],
    ['? * * * *', 1],
    ['*/2 9-17 * * MON-FRI', 2],
    ['0,1,2,3 * * * *', 1],
    ['0-40/4 3 1 1 *', 4],
    // From the 56th minute to the full hour.
    ['*/7 * * * *', 4],
    ['0,58 8,9 * * *', 2],
    // From the end of a day to the next.
    ['0,57 0,23 * * *', 3],
    ['59,14,10 4 29 2 *', 4],
  ])('%s: %i minutes', (pattern, minutes) => {
    expect(gap(pattern)).toBe(minutes);
  });

  it.each([
    '*/5 * * * *',
    '0,5 9 * * *',
    '0,57 9 * * *',
    '2,58 6,9,12 * * *',
    '0 2,3 * * *',
    '0 9 L * *',
    '@hourly',
    '@daily',
    '7 * * * *',
  ])('%s is long enough', (pattern) => {
    expect(gap(pattern)).toBeNull();
  });

  it('counts the night in which the clock is put back or on, where there is one', () => {
    // Two o'clock comes twice: from 2:58 to 2:00.
    expect(gap('0,58 */2 * * *', 'Europe/Berlin')).toBe(2);
    expect(gap('0,58 */2 * * *', 'Asia/Tokyo')).toBeNull();
    // What is left out is made up for at once: 2:57 at 3:00.
    expect(gap('57 1,2 * * *', 'Europe/Berlin')).toBe(3);
    expect(gap('57 1,2 * * *', 'Asia/Tokyo')).toBeNull();
    // Half an hour is left out here: 2:25 is made up for at 2:30.
    expect(gap('25,58 1,2 * * *', 'Australia/Lord_Howe')).toBe(2);
    expect(gap('25,58 1,2 * * *', 'Asia/Tokyo')).toBeNull();
  });

  it('is held against whatever is asked for', () => {
    expect(gap('*/5 * * * *', 'UTC', 10 * MINUTE)).toBe(5);
    expect(gap('* * * * *', 'UTC', MINUTE)).toBeNull();
    expect(gap('0 * * * *', 'Europe/Berlin', 60 * MINUTE)).toBeNull();
    expect(() => gap('every day')).toThrow(/is not a cron expression/);
    expect(() => gap('*/30 * * * * *')).toThrow(/has not five fields/);
  });
});
