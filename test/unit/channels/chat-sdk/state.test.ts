import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Message, type QueueEntry } from 'chat';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteState } from '../../../../src/channels/chat-sdk/state.js';
import { createFakeClock } from '../../../fakes/clock.js';

let stateDir = '';
const clock = createFakeClock();
const open = async () => {
  const state = createSqliteState({ stateDir, clock });
  await state.connect();
  return state;
};

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'chat-state-'));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const entry = (id: string): QueueEntry => ({
  enqueuedAt: clock.now(),
  expiresAt: clock.now() + 1000,
  message: new Message({
    id,
    threadId: 't',
    text: id,
    formatted: { type: 'root', children: [] },
    raw: {},
    author: { userId: 'u', userName: 'u', fullName: 'u', isBot: false, isMe: false },
    metadata: { dateSent: new Date(0), edited: false },
    attachments: [],
  }),
});

describe('the Chat SDK state in SQLite', () => {
  test('values: set, read, expire, delete', async () => {
    const state = await open();
    await state.set('k', { a: [1, null] }, 1000);
    await state.set('for ever', false);
    expect(await state.get('k')).toEqual({ a: [1, null] });
    await clock.advance(1000);
    expect(await state.get('k')).toBeNull();
    expect(await state.get('for ever')).toBe(false);
    await state.delete('for ever');
    expect(await state.get('for ever')).toBeNull();
    await state.disconnect();
  });

  test('setIfNotExists takes the first, and one after its expiry', async () => {
    const state = await open();
    expect(await state.setIfNotExists('once', 1, 500)).toBe(true);
    expect(await state.setIfNotExists('once', 2, 500)).toBe(false);
    await clock.advance(500);
    expect(await state.setIfNotExists('once', 3, 500)).toBe(true);
    expect(await state.get('once')).toBe(3);
    await state.disconnect();
  });

  test('the duplicate guard of the Chat SDK never says no: our index on messages decides', async () => {
    const state = await open();
    expect(await state.setIfNotExists('dedupe:telegram:7', true, 60_000)).toBe(true);
    expect(await state.setIfNotExists('dedupe:telegram:7', true, 60_000)).toBe(true);
    await state.disconnect();
  });

  test('locks: one holder, its token counts, an expired one is free', async () => {
    const state = await open();
    const lock = await state.acquireLock('t', 1000);
    expect(await state.acquireLock('t', 1000)).toBeNull();
    if (!lock) throw new Error('no lock');
    expect(await state.extendLock({ ...lock, token: 'another' }, 5000)).toBe(false);
    expect(await state.extendLock(lock, 5000)).toBe(true);
    await clock.advance(4000);
    expect(await state.acquireLock('t', 1000)).toBeNull();
    await state.releaseLock({ ...lock, token: 'another' });
    expect(await state.acquireLock('t', 1000)).toBeNull();
    await state.releaseLock(lock);
    const next = await state.acquireLock('t', 1000);
    expect(next?.token).not.toBe(lock.token);
    await clock.advance(1000);
    if (next) expect(await state.extendLock(next, 1000)).toBe(false);
    expect(await state.acquireLock('t', 1000)).not.toBeNull();
    await state.forceReleaseLock('t');
    expect(await state.acquireLock('t', 1000)).not.toBeNull();
    await state.disconnect();
  });

  test('lists keep the newest, in order', async () => {
    const state = await open();
    for (const value of [1, 2, 3, 4]) await state.appendToList('l', value, { maxLength: 3, ttlMs: 1000 });
    expect(await state.getList('l')).toEqual([2, 3, 4]);
    await clock.advance(900);
    await state.appendToList('l', 5, { maxLength: 3, ttlMs: 1000 });
    await clock.advance(900);
    expect(await state.getList('l')).toEqual([3, 4, 5]);
    await clock.advance(100);
    expect(await state.getList('l')).toEqual([]);
    await state.disconnect();
  });

  test('queues: first in, first out, bounded, without what has expired', async () => {
    const state = await open();
    expect(await state.enqueue('t', entry('a'), 2)).toBe(1);
    await clock.advance(600);
    expect(await state.enqueue('t', entry('b'), 2)).toBe(2);
    expect(await state.enqueue('t', entry('c'), 2)).toBe(2);
    expect(await state.queueDepth('t')).toBe(2);
    expect((await state.dequeue('t'))?.message.id).toBe('b');
    await clock.advance(1000);
    expect(await state.dequeue('t')).toBeNull();
    await state.disconnect();
  });

  test('it survives a restart', async () => {
    const before = await open();
    await before.subscribe('t');
    await before.set('k', 'kept');
    await before.disconnect();
    const after = await open();
    expect(await after.isSubscribed('t')).toBe(true);
    expect(await after.get('k')).toBe('kept');
    await after.unsubscribe('t');
    expect(await after.isSubscribed('t')).toBe(false);
    await after.disconnect();
  });
});
