import { describe, expect, it } from 'vitest';
import { createRetry } from '../../../../src/engine/docker/retry.js';
import { createFakeClock } from '../../../fakes/clock.js';

function retrying() {
  const clock = createFakeClock();
  const delays: number[] = [];
  const runs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const retry = createRetry({
    clock,
    work: () => new Promise<void>((resolve, reject) => runs.push({ resolve, reject })),
    onError: (_, delayMs) => delays.push(delayMs),
  });
  return { clock, delays, runs, retry };
}

describe('retry', () => {
  it('runs once at a time, and once more for all who asked meanwhile', async () => {
    const { clock, runs, retry } = retrying();
    retry.now();
    retry.now();
    retry.now();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await clock.advance(0);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve();
    await clock.advance(60_000);
    expect(runs).toHaveLength(2);
  });

  it('tries again later and later while it fails, and soon again once it has worked', async () => {
    const { clock, delays, runs, retry } = retrying();
    retry.now();
    for (let n = 0; n < 12; n += 1) {
      runs[n]?.reject(new Error('away'));
      await clock.advance(30_000);
    }
    expect(delays.slice(0, 4)).toEqual([100, 200, 400, 800]);
    expect(delays.at(-1)).toBe(30_000);
    runs[12]?.resolve();
    await clock.advance(0);
    retry.now();
    runs[13]?.reject(new Error('away'));
    await clock.advance(0);
    expect(delays.at(-1)).toBe(100);
  });

  it('does not run at once when it is asked to run soon, and is not late for who asks now', async () => {
    const { clock, runs, retry } = retrying();
    retry.soon();
    expect(runs).toHaveLength(0);
    retry.now();
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await clock.advance(1000);
    expect(runs).toHaveLength(1);
  });

  it('stays quiet after its end', async () => {
    const { clock, delays, runs, retry } = retrying();
    retry.now();
    retry.stop();
    runs[0]?.reject(new Error('away'));
    retry.now();
    retry.soon();
    await clock.advance(60_000);
    expect([runs.length, delays, clock.pending()]).toEqual([1, [], 0]);
  });
});
