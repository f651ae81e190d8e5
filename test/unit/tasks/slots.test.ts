import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkRecurrence,
  firstSlotAfter,
  lastSlotUntil,
  type MissedPolicy,
  nextSlot,
  RecurrenceError,
} from '../../../src/tasks/slots.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const berlin = (pattern: string) => ({ pattern, timeZone: 'Europe/Berlin' });
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
const slotsAfter = (pattern: string, from: string, count: number) => {
  const slots: (string | null)[] = [];
  for (let at = Date.parse(from); slots.length < count; ) {
    at = firstSlotAfter(berlin(pattern), at) ?? Number.NaN;
    slots.push(iso(at));
  }
  return slots;
};

describe('slots over summer time', () => {
  it('run once what the clock jumps over, at the first minute that exists', () => {
    expect(slotsAfter('30 2 * * *', '2026-03-28T12:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('run once what comes twice', () => {
    expect(slotsAfter('30 2 * * *', '2026-10-24T12:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(slotsAfter('0,30 2,14 * * *', '2026-10-25T00:00Z', 3)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T13:00:00.000Z',
      '2026-10-25T13:30:00.000Z',
    ]);
  });

  it('keep the distance of what runs every half hour', () => {
    const night = slotsAfter('*/30 * * * *', '2026-10-24T23:30Z', 5).map((at) => Date.parse(at ?? ''));
    expect(night.slice(1).map((at, index) => at - (night[index] ?? 0))).toEqual(Array(4).fill(30 * MINUTE));
  });
});

describe('what is refused', () => {
  const now = Date.UTC(2026, 10, 22);
  it.each([
    '',
    'x',
    'every day',
    '* * * * * *',
    '60 * * * *',
    '@secondly',
    '2026-05-05T10:00:00',
    '0 0 1 * +MON',
  ])('%j as no cron expression', (pattern) => {
    expect(() => checkRecurrence(berlin(pattern), now)).toThrow(RecurrenceError);
    expect(() => checkRecurrence(berlin(pattern), now)).toThrow(/is not a cron expression/);
  });
  it('a day that never comes', () => {
    expect(() => checkRecurrence(berlin('0 0 30 2 *'), now)).toThrow(/never comes/);
  });
  it.each(['0 9 * * 1-5', '@daily', '0 0 L * *', '0 9 * * MON,WED', ' */5  8-18 * * * '])(
    'but not %j',
    (pattern) => {
      expect(checkRecurrence(berlin(pattern), now)).toBeGreaterThan(now);
    },
  );
});

const pattern = fc.oneof(
  fc.constantFrom(
    '* * * * *',
    '*/7 * * * *',
    '0 * * * *',
    '30 2 * * *',
    '15 1,2,3 * * *',
    '0 9 * * 1-5',
    '@daily',
  ),
  fc.tuple(fc.nat(59), fc.nat(23)).map(([minute, hour]) => `${minute} ${hour} * * *`),
  fc.tuple(fc.nat(59), fc.integer({ min: 1, max: 31 })).map(([minute, day]) => `${minute} 2 ${day} * *`),
);
const zone = fc.constantFrom(
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
);
/** Around the changes of the clock in both directions, and all year long. */
const moment = fc.oneof(
  fc.integer({ min: Date.UTC(2026, 2, 7), max: Date.UTC(2026, 3, 6) }),
  fc.integer({ min: Date.UTC(2026, 9, 3), max: Date.UTC(2026, 10, 3) }),
  fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2027, 0) }),
);
const recurrence = fc.record({ pattern, timeZone: zone });

describe('first and last slot', () => {
  it('agree with each other, on either side of a moment', () => {
    fc.assert(
      fc.property(recurrence, moment, (one, at) => {
        const next = firstSlotAfter(one, at) ?? Number.POSITIVE_INFINITY;
        const last = lastSlotUntil(one, at) ?? Number.NEGATIVE_INFINITY;
        expect(next).toBeGreaterThan(at);
        expect(last).toBeLessThanOrEqual(at);
        expect(next % MINUTE).toBe(0);
        // Nothing lies between them, and each is what the other one's neighbour is.
        expect(firstSlotAfter(one, last)).toBe(next);
        expect(lastSlotUntil(one, next)).toBe(next);
        expect(lastSlotUntil(one, next - 1)).toBe(last);
      }),
      { numRuns: 400 },
    );
  });
});

describe('the next slot of a series', () => {
  const state = fc.record({
    slot: moment,
    late: fc.oneof(fc.integer({ min: -HOUR, max: HOUR }), fc.integer({ min: 0, max: 80 * HOUR })),
    missed: fc.constantFrom<MissedPolicy>('latest', 'skip'),
  });

  it('comes after the one before; of those missed the newest alone runs, or none', () => {
    fc.assert(
      fc.property(recurrence, state, (one, { slot, late, missed }) => {
        const now = slot + late;
        const next = nextSlot(one, { slot, now, missed }) ?? Number.NaN;
        expect(next).toBeGreaterThan(slot);
        expect(lastSlotUntil(one, next)).toBe(next);
        if (next <= now) {
          expect(missed).toBe('latest');
          expect(firstSlotAfter(one, next)).toBeGreaterThan(now);
        } else {
          expect(firstSlotAfter(one, Math.max(slot, now))).toBe(next);
          if (missed === 'latest') expect(lastSlotUntil(one, now) ?? 0).toBeLessThanOrEqual(slot);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('runs once after three days of sleep, and then at its own times again', () => {
    const slot = Date.parse('2026-03-27T08:00Z');
    const now = Date.parse('2026-03-30T10:12Z');
    const daily = berlin('0 9 * * *');
    expect(iso(nextSlot(daily, { slot, now, missed: 'latest' }))).toBe('2026-03-30T07:00:00.000Z');
    expect(iso(nextSlot(daily, { slot, now, missed: 'skip' }))).toBe('2026-03-31T07:00:00.000Z');
    const woken = Date.parse('2026-03-30T07:00Z');
    expect(iso(nextSlot(daily, { slot: woken, now, missed: 'latest' }))).toBe('2026-03-31T07:00:00.000Z');
  });
});
