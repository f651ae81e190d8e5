import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCursorKeeper } from '../../../src/router/cursor.js';
import { createRecentEvents } from '../../../src/router/recent.js';
import { cutBytes, cutText } from '../../../src/router/text.js';

describe('the cursor keeper', () => {
  it('never gives a point past something that is open or failed, and reaches the newest in the end', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 });
    const failures = fc.uniqueArray(fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(order, failures, (finish, failFirst) => {
        const keeper = createCursorKeeper();
        for (let n = 0; n < 6; n += 1) keeper.begin('chat', { messageId: `m${n}`, at: n });
        const settled = new Set<number>();
        let point = -1;
        const done = (n: number) => {
          settled.add(n);
          const moved = keeper.done('chat', `m${n}`);
          if (moved) point = moved.at;
          for (let before = 0; before <= point; before += 1) expect(settled.has(before)).toBe(true);
        };
        for (const n of finish) {
          if (failFirst.includes(n)) keeper.failed('chat', `m${n}`);
          else done(n);
        }
        for (const n of failFirst) {
          keeper.begin('chat', { messageId: `m${n}`, at: n });
          done(n);
        }
        expect(point).toBe(5);
      }),
    );
  });

  it('gives up a failure that a thousand later messages left behind', () => {
    const keeper = createCursorKeeper();
    keeper.begin('chat', { messageId: 'bad', at: 0 });
    keeper.failed('chat', 'bad');
    let point: unknown = null;
    for (let n = 1; n <= 1_000; n += 1) {
      keeper.begin('chat', { messageId: `m${n}`, at: n });
      point = keeper.done('chat', `m${n}`) ?? point;
    }
    expect(point).toEqual({ messageId: 'm1000', at: 1000 });
  });
});

describe('recent events', () => {
  it('are the last ones only, each in its chat', () => {
    const recent = createRecentEvents(2);
    const event = (messageId: string) => ({ channelType: 'x', platformId: 'x:1', messageId });
    recent.add(event('1'));
    recent.add(event('2'));
    recent.add(event('3'));
    expect(['1', '2', '3'].map((id) => recent.has(event(id)))).toEqual([false, true, true]);
    expect(recent.has({ ...event('3'), platformId: 'x:2' })).toBe(false);
  });
});

describe('cutting', () => {
  it('keeps a beginning of whole characters within the bound', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, max) => {
        fc.pre(!text.includes('\uFFFD'));
        for (const [cut, size] of [
          [cutText(text, max), cutText(text, max).length],
          [cutBytes(text, max), Buffer.byteLength(cutBytes(text, max))],
        ] as const) {
          expect(text.startsWith(cut)).toBe(true);
          expect(size).toBeLessThanOrEqual(max);
          expect(cut).not.toMatch(/[\uD800-\uDBFF]$|\uFFFD/);
        }
      }),
    );
  });
});
