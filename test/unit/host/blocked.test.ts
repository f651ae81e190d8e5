import { pino } from 'pino';
import { expect, it } from 'vitest';
import { failMessages, insertMessage } from '../../../src/db/messages-in.js';
import { createBlockedNotices } from '../../../src/host/blocked.js';
import { chat, workspace } from '../session-manager/workspace.js';

const problem = { code: 'engine-unreachable', message: 'Docker does not answer.', fix: 'Start it.' };

async function setUp() {
  const { manager, resolve, clock } = workspace();
  const { id: sessionId } = resolve();
  const { id } = await manager.write(sessionId, (db) => insertMessage(db, chat('m-1')));
  const said: string[] = [];
  const store = { works: true };
  const notices = createBlockedNotices({
    ...{ clock, log: pino({ level: 'silent' }), sessions: manager },
    async notice(_sessionId, { text, dedupeKey }) {
      if (!store.works) throw new Error('disk full');
      said.push(`${dedupeKey?.split(':')[1]}: ${text}`);
      return true;
    },
  });
  return { manager, clock, sessionId, id, said, store, notices };
}

it('tells the chat that waits what is wrong and what helps', async () => {
  const { clock, sessionId, said, notices } = await setUp();
  notices.blocked(sessionId, problem);
  await clock.advance(0);
  expect(said).toEqual([
    expect.stringMatching(/^engine-unreachable: .*Docker does not answer. Start it. .*kept/),
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
