import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTo,
  bucketEnd,
  bucketOf,
  countOf,
  type Histogram,
  LAST_BUCKET,
  mergeInto,
  quantile,
} from '../../../src/metrics/histogram.js';

const of = (durations: number[]) => {
  const histogram: Histogram = new Map();
  for (const ms of durations) addTo(histogram, ms);
  return histogram;
};
const duration = fc.double({ min: 0, max: 86_400_000, noNaN: true });

describe('a histogram', () => {
  it('puts a duration into the bucket that ends at most 19 % above it', () => {
    fc.assert(
      fc.property(duration, (ms) => {
        const bucket = bucketOf(ms);
        expect(ms).toBeLessThan(bucketEnd(bucket) * (1 + 1e-12));
        if (bucket > 0) expect(bucketEnd(bucket) / ms).toBeLessThanOrEqual(2 ** 0.25 * (1 + 1e-12));
      }),
    );
  });

  it('stays small and counts everything, whatever it is given', () => {
    const odd = [Number.NaN, -5, Number.POSITIVE_INFINITY, 1e300, 0, 0.3];
    const histogram = of(odd);
    expect(countOf(histogram)).toBe(odd.length);
    expect([...histogram.keys()].sort((a, b) => a - b)).toEqual([0, LAST_BUCKET]);
  });

  it('gives quantiles that hold the share they name, like the sorted durations themselves', () => {
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (all, share) => {
          const exact = all.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(all.length * share)) - 1] ?? 0;
          expect(quantile(of(all), share)).toBe(bucketEnd(bucketOf(exact)));
        },
      ),
    );
    expect(quantile(of([]), 0.5)).toBeNull();
  });

  it('merged is the histogram of both', () => {
    const sum = of([1, 20, 300]);
    mergeInto(sum, of([20, 4000]));
    expect(sum).toEqual(of([1, 20, 300, 20, 4000]));
  });
});
