import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inTurns, percentile, summarize } from '../../../scripts/bench/lib/stats.js';

describe('percentiles', () => {
  it('are the smallest value that the share does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => n + 1).reverse();
    expect([0.01, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
    expect(percentile([7], 0.5)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });

  it('are one of the values, and grow with the share', () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (all) => {
        const { n, p50, p99 } = summarize(all);
        expect(n).toBe(all.length);
        expect(all).toContain(p50);
        expect(p50).toBeLessThanOrEqual(p99);
      }),
    );
  });
});

describe('measuring in turns', () => {
  it('has each one come first in every second round, and forgets the first rounds', async () => {
    const order: string[] = [];
    let round = 0;
    const measure = (name: string, base: number) => async () => {
      order.push(name);
      round += 1;
      return base + round;
    };
    const found = await inTurns(2, 1, measure('subject', 0), measure('floor', 100));
    expect(order).toEqual(['subject', 'floor', 'floor', 'subject', 'subject', 'floor']);
    expect(found).toEqual({
      subject: { n: 2, p50: 4, p99: 5 },
      floor: { n: 2, p50: 103, p99: 106 },
    });
  });
});
