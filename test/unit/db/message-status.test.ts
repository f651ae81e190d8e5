import { expect, test } from 'vitest';
import {
  applyAcks,
  cancelOpen,
  failMessages,
  getMessage,
  hasOpenWork,
  insertMessage,
  openMessages,
  trimContext,
} from '../../../src/db/inbound/messages-in.js';
import { chat, cli, inboundFile } from './inbound-file.js';

const ids = (messages: { id: string }[]) => messages.map((message) => message.id);

test('open is what is pending, wakes, and is due; oldest first', () => {
  const db = inboundFile();
  expect(hasOpenWork(db, 1000)).toBe(false);
  insertMessage(db, chat('context', { id: 'context', trigger: 0 }));
  insertMessage(db, chat('later', { id: 'later', processAfter: 2000 }));
  expect(hasOpenWork(db, 1000)).toBe(false);
  insertMessage(db, chat('b', { id: 'b' }));
  insertMessage(db, chat('a', { id: 'a' }));
  expect(openMessages(db, 1999)).toEqual([
    { id: 'b', seq: 6, kind: 'chat', ...cli },
    { id: 'a', seq: 8, kind: 'chat', ...cli },
  ]);
  expect(ids(openMessages(db, 2000))).toEqual(['later', 'b', 'a']);
  expect(failMessages(db, ['b', 'none'])).toEqual(['b']);
  expect(failMessages(db, ['b'])).toEqual([]);
  expect(getMessage(db, 'b')?.status).toBe('failed');
});

test('acks end messages whatever their incarnation; a claim counts only of the one that runs', () => {
  const db = inboundFile();
  for (const id of ['a', 'b', 'c', 'd']) insertMessage(db, chat(id, { id }));
  const acks = [
    { messageId: 'a', status: 'done', incarnation: 1 },
    { messageId: 'b', status: 'failed', incarnation: 2 },
    { messageId: 'c', status: 'processing', incarnation: 1 },
    { messageId: 'd', status: 'processing', incarnation: 2 },
    { messageId: 'unknown', status: 'done', incarnation: 2 },
  ] as const;
  expect(applyAcks(db, acks, 2)).toEqual({ done: ['a'], failed: ['b'], processing: ['d'] });
  expect(applyAcks(db, acks, 2)).toEqual({ done: [], failed: [], processing: ['d'] });
  expect(applyAcks(db, acks, null).processing).toEqual([]);
  expect(['a', 'b', 'c', 'd'].map((id) => getMessage(db, id)?.status)).toEqual([
    'done',
    'failed',
    'pending',
    'pending',
  ]);
});

test('a cancelled message stays cancelled, and only those of the chat and thread are', () => {
  const db = inboundFile();
  insertMessage(db, chat('here', { id: 'here' }));
  insertMessage(db, chat('later', { id: 'later', processAfter: 5000 }));
  insertMessage(db, chat('context', { id: 'context', trigger: 0 }));
  insertMessage(db, chat('thread', { id: 'thread', address: { ...cli, threadId: 't' } }));
  insertMessage(db, chat('else', { id: 'else', address: { ...cli, platformId: 'cli:else' } }));
  expect(ids(cancelOpen(db, 1000, cli))).toEqual(['here']);
  expect(applyAcks(db, [{ messageId: 'here', status: 'done', incarnation: 1 }], 1).done).toEqual([]);
  expect(getMessage(db, 'here')?.status).toBe('cancelled');
  expect(ids(cancelOpen(db, 1000, null))).toEqual(['thread', 'else']);
  expect(['later', 'context'].map((id) => getMessage(db, id)?.status)).toEqual(['pending', 'pending']);
});

test('of the silent context of a chat the newest stay', () => {
  const db = inboundFile();
  for (const n of [1, 2, 3, 4, 5]) insertMessage(db, chat(`c${n}`, { id: `c${n}`, trigger: 0 }));
  insertMessage(db, chat('real', { id: 'real' }));
  insertMessage(db, chat('x', { id: 'x', trigger: 0, address: { ...cli, platformId: 'cli:else' } }));
  expect(trimContext(db, cli, 3)).toBe(2);
  expect(trimContext(db, cli, 3)).toBe(0);
  const pending = ['c1', 'c2', 'c3', 'c4', 'c5', 'real', 'x'].filter(
    (id) => getMessage(db, id)?.status === 'pending',
  );
  expect(pending).toEqual(['c3', 'c4', 'c5', 'real', 'x']);
  // The runner tells by it that nobody was shown them; 'cancelled' would end a turn that has claimed one.
  expect(['c1', 'c2'].map((id) => getMessage(db, id)?.status)).toEqual(['failed', 'failed']);
});
