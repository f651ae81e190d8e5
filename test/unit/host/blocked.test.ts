import { pino } from 'pino';
import { expect, it } from 'vitest';
import { failMessages, insertMessage } from '../../../src/db/inbound/messages-in.js';
import { createBlockedNotices } from '../../../src/host/blocked.js';
import { chat, cli, workspace } from '../session-manager/workspace.js';

const problem = { code: 'engine-unreachable', message: 'Docker does not answer.', fix: 'Start it.' };

async function setUp() {
  const { manager, resolve, clock } = workspace();
  const { id: sessionId } = resolve();
  const { id } = await manager.write(sessionId, (db) => insertMessage(db, chat('m-1')));
  const said: string[] = [];
  const store = { works: true, asked: 0 };
  const notices = createBlockedNotices({
    ...{ clock, log: pino({ level: 'silent' }), sessions: manager },
    voice: {
      async durable(_sessionId, { text, dedupeKey }) {
        store.asked += 1;
        if (!store.works) throw new Error('disk full');
        said.push(`${JSON.stringify(dedupeKey)} ${text}`);
        return true;
      },
    },
  });
  return { manager, clock, sessionId, id, said, store, notices };
}

it('tells the chat that waits what is wrong and what helps', async () => {
  const { clock, sessionId, said, notices } = await setUp();
  notices.blocked(sessionId, problem);
  await clock.advance(0);
  expect(said).toEqual([
    expect.stringMatching(
      /^{"hourly":"blocked:engine-unreachable:cli:local:"} .*Docker does not answer. Start it. .*kept/,
    ),
  ]);
  expect(notices.isBlocked(sessionId)).toBe(true);
  notices.unblocked(sessionId);
  expect(notices.isBlocked(sessionId)).toBe(false);
});

it('tries again while the notice cannot be stored, and no more once the message is settled', async () => {
  const { manager, clock, sessionId, id, said, store, notices } = await setUp();
  store.works = false;
  notices.blocked(sessionId, problem);
  await clock.advance(12_000);
  expect(notices.isBlocked(sessionId)).toBe(false);
  store.works = true;
  await clock.advance(5000);
  expect(said).toHaveLength(1);
  store.works = false;
  notices.blocked(sessionId, problem);
  await manager.write(sessionId, (db) => failMessages(db, [id]));
  store.works = true;
  await clock.advance(20_000);
  expect(said).toHaveLength(1);
});

it('tells every chat and thread that waits, each once', async () => {
  const { manager, clock, sessionId, said, notices } = await setUp();
  notices.blocked(sessionId, problem);
  await clock.advance(0);
  const elsewhere = { ...cli, threadId: 'aside' };
  await manager.write(sessionId, (db) => insertMessage(db, chat('m-2', { address: elsewhere })));
  await manager.write(sessionId, (db) => insertMessage(db, chat('m-3', { address: elsewhere })));
  notices.blocked(sessionId, problem);
  await clock.advance(0);
  expect(said).toHaveLength(3);
  expect(new Set(said).size).toBe(2);
});

it('tries less and less often, once for all who ask, and not for one that works again', async () => {
  const { clock, sessionId, said, store, notices } = await setUp();
  store.works = false;
  const asked = store.asked;
  for (let n = 0; n < 10; n += 1) notices.blocked(sessionId, problem);
  await clock.advance(3_600_000);
  expect(store.asked - asked).toBeLessThan(40);
  store.works = true;
  notices.unblocked(sessionId);
  await clock.advance(3_600_000);
  expect(said).toEqual([]);
});

it.each([
  ['engine-unreachable', /something I need isn't working/],
  ['credential-missing', /access to the AI model/],
  ['onecli-unreachable', /access to the AI model/],
  ['disk-limit', /more space than I'm allowed/],
  ['disk-full', /out of disk space/],
  ['all-places-taken', /busy with other chats/],
  ['crash-loop', /keep stopping/],
])('says %s in a chat in plain words, without cause and command', async (code, words) => {
  const { manager, clock, sessionId, id, said, notices } = await setUp();
  await manager.write(sessionId, (db) => {
    failMessages(db, [id]);
    const address = { channelType: 'telegram', platformId: 'telegram:77', threadId: '' };
    return insertMessage(db, chat('m-2', { address }));
  });
  notices.blocked(sessionId, { ...problem, code });
  await clock.advance(0);
  expect(said).toEqual([expect.stringMatching(words)]);
  expect(said[0]).not.toMatch(/Docker|Start it/);
});
