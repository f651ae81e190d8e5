import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  findByPlatformMessage,
  getMessage,
  getMessageBySeq,
  insertMessage,
  nextSeq,
} from '../../../src/db/inbound/messages-in.js';
import { chat, cli, inboundFile } from './inbound-file.js';

test('a message is stored as it was given', () => {
  const db = inboundFile();
  const stored = insertMessage(db, chat('m1', { trigger: 0, processAfter: 99 }));
  expect(stored).toEqual({ inserted: true, id: expect.stringMatching(/^in_[0-9a-f]{20}$/), seq: 2 });
  const row = getMessage(db, stored.id);
  expect(row).toEqual({
    ...{
      id: stored.id,
      seq: 2,
      kind: 'chat',
      status: 'pending',
      trigger: 0,
      processAfter: 99,
      createdAt: 1000,
    },
    ...{ recurrence: null, seriesId: null, ...cli, platformMessageId: 'm1' },
    ...{ sender: expect.any(String), content: expect.any(String) },
  });
  expect(JSON.parse(row?.sender ?? '')).toEqual(chat('m1').sender);
  expect(JSON.parse(row?.content ?? '')).toEqual(chat('m1').content);
  expect(getMessageBySeq(db, 2)).toEqual(row);
  expect(findByPlatformMessage(db, cli, 'm1')).toEqual(row);
  expect(findByPlatformMessage(db, { ...cli, platformId: 'cli:else' }, 'm1')).toBeUndefined();
});

test('tasks and system rows have no sender and no platform message', () => {
  const db = inboundFile();
  const task = insertMessage(db, {
    ...{
      kind: 'task',
      trigger: 1,
      address: cli,
      createdAt: 5,
      processAfter: 60_000,
      recurrence: '0 9 * * *',
    },
    ...{ seriesId: 'ser_1', content: { prompt: 'water the plants', chat: 'Terminal' } },
  });
  const news = insertMessage(db, {
    ...{
      kind: 'system',
      trigger: 0,
      address: cli,
      createdAt: 6,
      content: { type: 'news', text: 'not delivered' },
    },
  });
  expect(getMessage(db, task.id)).toMatchObject({ recurrence: '0 9 * * *', seriesId: 'ser_1', sender: '{}' });
  expect(getMessage(db, news.id)).toMatchObject({ kind: 'system', platformMessageId: null, seq: 4 });
});

test('seq is even and grows; each platform message is there once, whatever comes again in which order', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 5 })), { maxLength: 20 }), (ids) => {
      const db = inboundFile();
      const seqs = new Map<number, number>();
      let last = 0;
      for (const id of ids) {
        const { inserted, seq } = insertMessage(db, chat(id === null ? null : `m${id}`));
        expect(seq % 2).toBe(0);
        const known = id === null ? undefined : seqs.get(id);
        expect(inserted).toBe(known === undefined);
        expect(known ?? seq).toBe(seq);
        if (inserted) expect(seq).toBe(last + 2);
        if (inserted) last = seq;
        if (id !== null) seqs.set(id, seq);
      }
      expect(nextSeq(db)).toBe(last + 2);
    }),
    { numRuns: 30 },
  );
});

test('the same message in another chat is another message; the same id is the same', () => {
  const db = inboundFile();
  insertMessage(db, chat('m1'));
  expect(insertMessage(db, chat('m1', { address: { ...cli, platformId: 'cli:else' } }))).toMatchObject({
    seq: 4,
  });
  expect(insertMessage(db, chat('m1', { address: { ...cli, threadId: 't' } }))).toMatchObject({
    inserted: false,
  });
  expect(insertMessage(db, chat(null, { id: 'in_x' }))).toEqual({ inserted: true, id: 'in_x', seq: 6 });
  expect(insertMessage(db, chat(null, { id: 'in_x' }))).toEqual({ inserted: false, id: 'in_x', seq: 6 });
  expect(insertMessage(db, chat('m9', { id: 'in_x' }))).toEqual({ inserted: false, id: 'in_x', seq: 6 });
});
