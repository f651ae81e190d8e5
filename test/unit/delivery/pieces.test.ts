import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelError } from '../../../src/channels/adapter.js';
import type { OpenDelivery } from '../../../src/db/inbound/ledger.js';
import { compareDeliveries, headOf, wakeTime } from '../../../src/delivery/order.js';
import { failureOf } from '../../../src/delivery/outcome.js';
import { createPulse } from '../../../src/delivery/pulse.js';
import { SessionQueue } from '../../../src/delivery/session-queue.js';
import { createSlots } from '../../../src/delivery/slots.js';
import type { OutboundRow } from '../../../src/outbound-reader/types.js';
import { createFakeClock } from '../../fakes/clock.js';

const entry = (changed: Partial<OpenDelivery>): OpenDelivery => ({
  ...{ key: 'out:1', part: 0, seq: 1, to: { channelType: 'c', platformId: 'p', threadId: '' } },
  ...{ state: 'failed', attempts: 0, nextAttemptAt: 0, doubtSince: null, errorClass: null },
  ...{ lastError: null, createdAt: 0 },
  ...changed,
});

describe('the order of a lane', () => {
  const anyEntries = fc.uniqueArray(
    fc.record({ seq: fc.nat(20), notice: fc.boolean(), part: fc.nat(2), createdAt: fc.nat(3) }),
    { selector: (one) => `${one.seq} ${one.notice} ${one.part}` },
  );

  it('is the same however the entries come in: by seq, notices behind the message', () => {
    fc.assert(
      fc.property(anyEntries, (all) => {
        const queue = new SessionQueue('s');
        for (const one of all) {
          const key = `${one.notice ? 'notice' : 'out'}:${one.seq}`;
          queue.put(entry({ key, seq: one.seq, part: one.part, createdAt: one.createdAt }));
        }
        const entries = [...queue.lanes.values()].flatMap((lane) => lane.entries);
        expect(entries).toHaveLength(all.length);
        for (const [at, one] of entries.entries()) {
          const before = entries[at - 1];
          if (!before) continue;
          expect(before.seq).toBeLessThanOrEqual(one.seq);
          expect(compareDeliveries(before, one)).toBeLessThanOrEqual(0);
          if (before.seq === one.seq && before.key.startsWith('notice')) {
            expect(one.key).toMatch(/^notice/);
          }
        }
      }),
    );
  });

  it('has as its head the first that is not for later, and wakes for the earliest of both', () => {
    const later = entry({ key: 'out:1', nextAttemptAt: 50 });
    const waiting = entry({ key: 'out:3', seq: 3, nextAttemptAt: 90, errorClass: 'transient' });
    expect(headOf([later, waiting], 10)).toBe(waiting);
    expect(wakeTime([later, waiting], 10)).toBe(50);
    expect(headOf([later, waiting], 50)).toBe(later);
    expect(wakeTime([], 0)).toBeUndefined();
  });
});

describe('an announced attempt', () => {
  it('is forgotten as soon as anything else becomes of it', () => {
    const queue = new SessionQueue('s');
    const sending = entry({ state: 'sending' });
    queue.put(sending);
    queue.markBegun(sending);
    queue.put(entry({ state: 'failed' }));
    expect(queue.isBegun(sending)).toBe(false);
    queue.markBegun(sending);
    expect(queue.takeBegun(sending)).toBe(true);
    expect(queue.takeBegun(sending)).toBe(false);
    queue.markBegun(sending);
    queue.remove(sending);
    expect([queue.isBegun(sending), queue.has('out:1', 0)]).toEqual([false, false]);
  });
});

describe('the pulse of a channel', () => {
  it('tells a channel that is down from a chat that fails alone', async () => {
    const clock = createFakeClock();
    const pulse = createPulse(clock);
    pulse.failed('c', 'a', false);
    expect([pulse.allFail('c'), pulse.provenSince('c', 'a')]).toEqual([false, false]);
    await clock.advance(10);
    expect(pulse.succeeded('c', 'b')).toBe(true);
    expect([pulse.allFail('c'), pulse.provenSince('c', 'a')]).toEqual([false, true]);
    await clock.advance(10);
    pulse.failed('c', 'b', false);
    expect(pulse.allFail('c')).toBe(false);
    pulse.failed('c', 'd', false);
    expect(pulse.allFail('c')).toBe(true);
    expect(pulse.allFail('other')).toBe(false);
  });
});

describe('a chat that failed before the last success', () => {
  it('counts again when it fails in a new outage', async () => {
    const clock = createFakeClock();
    const pulse = createPulse(clock);
    pulse.failed('c', 'a', true);
    await clock.advance(10);
    pulse.succeeded('c', 'b');
    await clock.advance(10);
    pulse.failed('c', 'a', false);
    pulse.failed('c', 'b', true);
    expect([pulse.allFail('c'), pulse.provenSince('c', 'a')]).toEqual([true, true]);
    pulse.failed('c', 'a', true);
    expect(pulse.provenSince('c', 'a')).toBe(false);
  });
});

describe('slots', () => {
  it('are given in the order of asking, and given back once', async () => {
    const slots = createSlots(1);
    const order: number[] = [];
    const free = await slots.take('g');
    const second = slots.take('g').then((give) => {
      order.push(2);
      return give;
    });
    const third = slots.take('g').then((give) => {
      order.push(3);
      return give;
    });
    expect([slots.hasFree('g'), slots.hasFree('other')]).toEqual([false, true]);
    free();
    free();
    await second;
    await Promise.resolve();
    expect(order).toEqual([2]);
    (await second)();
    (await third)();
    expect(order).toEqual([2, 3]);
    expect(slots.hasFree('g')).toBe(true);
  });
});

describe('what an adapter throws', () => {
  const wide = (error: unknown) => failureOf(error).channelWide;
  it('is of the whole channel where nothing was reached, however deep the cause', () => {
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    const wrapped = new Error('fetch failed', { cause: new Error('y', { cause: refused }) });
    const told = (code: string, cause?: unknown) =>
      new ChannelError(code, 'x', 'y', { errorClass: 'transient', cause });
    expect(wide(wrapped)).toBe(true);
    expect(wide(told('fake-unreachable'))).toBe(true);
    expect(wide(told('fake-token-refused'))).toBe(true);
    expect(wide(told('fake-500', refused))).toBe(true);
    expect(wide(told('fake-500'))).toBe(false);
    expect(failureOf('text')).toMatchObject({ errorClass: 'unknown', channelWide: false });
  });
});

describe('rows in memory', () => {
  const row = (text: string): OutboundRow => ({
    ...{ seq: 1, id: '1', incarnation: 1, turnId: 't', inReplyTo: null, kind: 'chat', deliverAfter: null },
    ...{ channelType: 'c', platformId: 'p', threadId: '', content: { text, files: [] } },
    ...{ problem: null, createdAt: 0 },
  });

  it('are few where they are large: what is left out is read again when it is its turn', () => {
    const queue = new SessionQueue('s');
    const kept = () => Array.from({ length: 100 }, (_, n) => queue.row(`out:${n}`)).filter(Boolean).length;
    for (let n = 0; n < 100; n += 1) queue.keepRow(`out:${n}`, row('x'.repeat(100_000)));
    expect(kept()).toBe(9);
    queue.dropRow('out:0');
    queue.keepRow('out:1', row('small'));
    queue.keepRow('out:50', row('x'.repeat(100_000)));
    expect(kept()).toBe(9);
    expect(queue.row('out:50')).toBeDefined();
  });
});
