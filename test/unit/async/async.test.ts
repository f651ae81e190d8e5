import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff } from '../../../src/async/backoff.js';
import { createCoalescer } from '../../../src/async/coalesce.js';
import { createKeyedQueue } from '../../../src/async/keyed-queue.js';
import { createTokenBucket, createUsageWindow } from '../../../src/async/rate-limit.js';
import { createFakeClock } from '../../fakes/clock.js';

/** Lets every promise that can settle do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a keyed queue', () => {
  it('keeps the order of a key past failures, and lets other keys pass', async () => {
    const queue = createKeyedQueue();
    const log: string[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = queue.run('a', async () => {
      await gate;
      log.push('a1');
      throw new Error('a1 failed');
    });
    const second = queue.run('a', async () => log.push('a2'));
    await queue.run('b', async () => log.push('b1'));
    const idle = queue.idle().then(() => log.push('idle'));
    release();
    await expect(first).rejects.toThrow('a1 failed');
    await second;
    await idle;
    expect(log).toEqual(['b1', 'a1', 'a2', 'idle']);
  });
});

describe('a coalescer', () => {
  function createWorld() {
    const ends: (() => void)[] = [];
    const runs = createCoalescer(() => new Promise<void>((resolve) => ends.push(resolve)));
    return { ends, runs };
  }

  it('gives every caller a run that began after its call, and shares what it can', async () => {
    const { ends, runs } = createWorld();
    let late = 0;
    void runs.run('a');
    for (let caller = 0; caller < 3; caller += 1) {
      void runs.run('a').then(() => {
        late += 1;
      });
    }
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await settle();
    expect([ends.length, late]).toEqual([2, 0]);
    ends[1]?.();
    await settle();
    expect([ends.length, late]).toEqual([2, 3]);
    void runs.run('a');
    expect(ends).toHaveLength(3);
  });

  it('does not let one key wait for another, and tells when all is done', async () => {
    const { ends, runs } = createWorld();
    void runs.run('a');
    void runs.run('b');
    expect(ends).toHaveLength(2);
    let idle = false;
    void runs.idle().then(() => {
      idle = true;
    });
    ends[0]?.();
    await settle();
    expect(idle).toBe(false);
    ends[1]?.();
    await settle();
    expect(idle).toBe(true);
  });
});

describe('backoff', () => {
  it('doubles within its bounds, with its share left to chance', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chance, chance, (failures, random, jitter) => {
        const ms = backoff(failures, () => random, { firstMs: 1000, longestMs: 60_000, jitter });
        const full = Math.min(60_000, 1000 * 2 ** (failures - 1));
        return ms >= Math.floor(full * (1 - jitter)) && ms <= full;
      }),
    );
  });
});

describe('a token bucket', () => {
  it('refills steadily up to its burst, and earns back what was overdrawn', async () => {
    const clock = createFakeClock();
    const bucket = createTokenBucket(clock, { perSecond: 10, burst: 5 });
    bucket.take(9);
    expect([bucket.left(), bucket.waitMs()]).toEqual([-4, 400]);
    await clock.advance(400);
    expect([bucket.left(), bucket.waitMs()]).toEqual([0, 0]);
    await clock.advance(60_000);
    expect(bucket.left()).toBe(5);
  });
});

describe('a usage window', () => {
  it('begins anew with the first use after its end', async () => {
    const clock = createFakeClock();
    const window = createUsageWindow(clock, { ms: 1000, max: 10 });
    window.add(12);
    expect(window.left()).toBe(-2);
    await clock.advance(999);
    expect(window.left()).toBe(-2);
    await clock.advance(1);
    expect(window.left()).toBe(10);
  });
});
