import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Observation, type Sample, type Verdict } from '../../../src/host-sweep/liveness.js';

const limits = { stuckMs: 60_000, turnMs: 7_200_000, idleMs: 900_000 };
const seen: Observation = { incarnation: 3, mtime: 500, beatAt: 1000, head: 'in_1', quietSince: 1000 };
const sample: Sample = {
  now: 1000,
  incarnation: 3,
  mtime: 500,
  head: 'in_1',
  activeAt: 1000,
  rangAt: 1000,
  afterGap: false,
};
const HOURS = 3_600_000;

const cases: [string, Partial<Observation> | null, Partial<Sample>, Verdict][] = [
  ['the first look at a container', null, { now: 9 * HOURS }, 'leave'],
  ['another incarnation than last time', { incarnation: 2 }, { now: 9 * HOURS }, 'leave'],
  ['a heartbeat that changed', {}, { now: 61_000, mtime: 501 }, 'leave'],
  ['a heartbeat that went back in time', {}, { now: 61_000, mtime: 4 }, 'leave'],
  ['no change for just under a minute', {}, { now: 60_999 }, 'leave'],
  ['no change for a minute', {}, { now: 61_000 }, 'stuck'],
  ['a heartbeat far in the future that stands still', { mtime: 9e15 }, { now: 61_000, mtime: 9e15 }, 'stuck'],
  ['no heartbeat file for a minute', { mtime: null }, { now: 61_000, mtime: null }, 'stuck'],
  ['a heartbeat file that disappeared just now', {}, { now: 61_000, mtime: null }, 'leave'],
  ['no change, without work', { head: null }, { now: 61_000, head: null }, 'stuck'],
  ['no change for a minute, but the host slept', {}, { now: 61_000, afterGap: true }, 'leave'],
  ['a quiet turn of almost two hours', { beatAt: 7_200_999 }, { now: 7_200_999 }, 'leave'],
  ['a quiet turn of two hours', { beatAt: 7_201_000 }, { now: 7_201_000 }, 'turn-too-long'],
  ['a turn of two hours that rang', { beatAt: 7_201_000 }, { now: 7_201_000, rangAt: 2000 }, 'leave'],
  ['another message since', { beatAt: 7_201_000 }, { now: 7_201_000, head: 'in_2' }, 'leave'],
  ['follow-ups alone', { beatAt: 7_201_000 }, { now: 7_201_000, activeAt: 7_200_000 }, 'turn-too-long'],
  ['idle for under 15 min', { head: null, beatAt: 900_999 }, { now: 900_999, head: null }, 'leave'],
  ['idle for 15 min', { head: null, beatAt: 901_000 }, { now: 901_000, head: null }, 'idle'],
  ['idle, but woken', { head: null, beatAt: 901_000 }, { now: 901_000, head: null, activeAt: 1001 }, 'leave'],
  ['work that has just ended', { beatAt: 901_000 }, { now: 901_000, head: null }, 'leave'],
];

describe('judge', () => {
  it.each(cases)('%s', (_name, before, change, verdict) => {
    const memory = before === null ? undefined : { ...seen, ...before };
    expect(judge(memory, { ...sample, ...change }, limits).verdict).toBe(verdict);
  });

  it('counts the minute anew after a gap', () => {
    const after = judge(seen, { ...sample, now: 500_000, afterGap: true }, limits).observation;
    expect(judge(after, { ...sample, now: 559_999 }, limits).verdict).toBe('leave');
    expect(judge(after, { ...sample, now: 560_000 }, limits).verdict).toBe('stuck');
  });

  it('never stops a container whose heartbeat beats and whose turn rings, whatever else happens', () => {
    const step = fc.record({
      pause: fc.integer({ min: 1, max: 59_999 }),
      head: fc.constantFrom('in_1', 'in_2'),
      afterGap: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 0;
        let memory: Observation | undefined;
        return steps.every(({ pause, head, afterGap }, index) => {
          now += pause;
          const { observation, verdict } = judge(
            memory,
            { ...sample, now, head, afterGap, mtime: index, rangAt: now },
            limits,
          );
          memory = observation;
          return verdict === 'leave';
        });
      }),
    );
  });

  it('stops every container that stands still, at the latest a minute and one pass later', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 200, maxLength: 200 }),
        (pauses) => {
          let now = 0;
          let memory: Observation | undefined;
          for (const pause of pauses) {
            now += pause;
            const { observation, verdict } = judge(memory, { ...sample, now }, limits);
            memory = observation;
            if (verdict === 'stuck') return now <= 60_000 + 2 * 5000;
          }
          return now < 70_000;
        },
      ),
    );
  });
});
