import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STAGES, stagesOf } from '../../../src/metrics/stages.js';

const whole = { received: 100, committed: 103, claimed: 110, firstByte: 400, replied: 900, sent: 950 };

describe('the stages of a message', () => {
  it('follow one another and add up to the whole way', () => {
    expect(stagesOf(whole)).toEqual({
      intake: 3,
      claim: 7,
      model: 290,
      answer: 500,
      send: 50,
      total: 850,
    });
  });

  it('leave out what nobody saw', () => {
    expect(stagesOf({ ...whole, committed: null })).toEqual({
      model: 290,
      answer: 500,
      send: 50,
      total: 850,
    });
    expect(stagesOf({ ...whole, firstByte: null })).toEqual({ intake: 3, claim: 7, send: 50, total: 850 });
  });

  it('hold what a container claims within what the host saw', () => {
    const moment = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(moment, moment, moment, (claimed, firstByte, replied) => {
        const times = stagesOf({ ...whole, claimed, firstByte, replied });
        const parts = STAGES.filter((stage) => stage !== 'total').map((stage) => times[stage] ?? -1);
        expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
        expect(parts.reduce((sum, part) => sum + part)).toBe(times.total);
        expect(times.intake).toBe(3);
      }),
    );
  });

  it('are no less than nothing when the clock was set back', () => {
    expect(stagesOf({ ...whole, sent: 50 })).toMatchObject({ total: 0, send: 0 });
  });
});
