/**
 * Durations in buckets that grow by the fourth root of two: a value is known to 19 %, a thousandth of a second or a
 * day, and a histogram is never more than 108 numbers.
 */
export type Histogram = Map<number, number>;

const PER_DOUBLING = 4;
/** Of a little over a day; what takes longer counts as that. */
export const LAST_BUCKET = 107;

/** Bucket 0 is under a millisecond, bucket n up to 2^(n/4) milliseconds. What is no duration counts as 0. */
export function bucketOf(ms: number): number {
  if (!(ms >= 1)) return 0;
  return Math.min(LAST_BUCKET, Math.floor(Math.log2(ms) * PER_DOUBLING) + 1);
}

/** Milliseconds that everything in the bucket is below. */
export function bucketEnd(bucket: number): number {
  return 2 ** (bucket / PER_DOUBLING);
}

export function addTo(histogram: Histogram, ms: number): void {
  const bucket = bucketOf(ms);
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1);
}

export function mergeInto(histogram: Histogram, other: Iterable<readonly [number, number]>): void {
  for (const [bucket, count] of other) histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

export function countOf(histogram: Histogram): number {
  return [...histogram.values()].reduce((sum, count) => sum + count, 0);
}

/** Milliseconds that the given share (0 to 1) of all durations took at most; null: there are none. */
export function quantile(histogram: Histogram, share: number): number | null {
  const wanted = Math.max(1, Math.ceil(countOf(histogram) * share));
  let seen = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= wanted) return bucketEnd(bucket);
  }
  return null;
}
