import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseWhen } from '../../../../container/agent-runner/src/mcp-tools/when.ts';
import { zonedMinute } from '../../../../container/agent-runner/src/prompt/time.ts';

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];

it.each([
  ['2026-11-22T09:05', 'Europe/Berlin', '2026-11-22T08:05:00Z'],
  ['2026-07-01 09:05:30', 'Europe/Berlin', '2026-07-01T07:05:30Z'],
  ['2026-11-22T09:05+02:00', 'Europe/Berlin', '2026-11-22T07:05:00Z'],
  ['2026-11-22T09:05Z', 'America/New_York', '2026-11-22T09:05:00Z'],
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:30:00Z'],
])('%s in %s', (text, zone, expected) => {
  expect(new Date(parseWhen(text, zone)).toISOString()).toBe(new Date(expected).toISOString());
});

it.each(['', 'tomorrow', '09:05', '2026-13-01T00:00', '2026-11-22', '2026-11-22T9:05'])(
  'refuses %j',
  (text) => {
    expect(() => parseWhen(text, 'UTC')).toThrow(/time/);
  },
);

it('reads what the prompt shows', () => {
  const minute = fc.integer({ min: 0, max: 60_000_000 }).map((minutes) => minutes * 60_000);
  fc.assert(
    fc.property(minute, fc.constantFrom(...zones), (at, zone) => {
      expect(parseWhen(zonedMinute(at, zone), zone)).toBe(at);
    }),
  );
});
