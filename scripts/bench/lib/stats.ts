/** What a list of measurements comes to. */
export interface Summary {
  n: number;
  p50: number;
  p99: number;
}

/** Nearest rank: the smallest value that at least this share (0 to 1) of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(1, Math.ceil(sorted.length * share)) - 1];
  if (found === undefined) throw new RangeError('no values');
  return found;
}

export function summarize(values: readonly number[]): Summary {
  return { n: values.length, p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

/**
 * Measures subject and floor in turns, so that what else the machine does hits both. `warmUp` rounds are not counted.
 * A measurement is in any unit; both in the same. `restMs`: what goes on behind a measurement (a reply's mark in the
 * ledger) is over before the next one begins, and not part of either.
 */
export async function inTurns(
  rounds: number,
  warmUp: number,
  subject: () => Promise<number>,
  floor: () => Promise<number>,
  restMs = 0,
): Promise<{ subject: Summary; floor: Summary }> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + warmUp; round += 1) {
    // Whoever comes second finds the caches warm: that is each one's turn.
    const first = round % 2 === 0;
    const one = first ? await subject() : await floor();
    await rest(restMs);
    const other = first ? await floor() : await subject();
    await rest(restMs);
    if (round < warmUp) continue;
    ours.push(first ? one : other);
    theirs.push(first ? other : one);
  }
  return { subject: summarize(ours), floor: summarize(theirs) };
}

/** Milliseconds that something takes. */
export async function timed(what: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await what();
  return performance.now() - began;
}

async function rest(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
