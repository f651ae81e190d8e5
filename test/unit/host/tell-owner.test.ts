import { pino } from 'pino';
import { expect, it } from 'vitest';
import { makeMain } from '../../../src/db/agent-groups.js';
import type { NoticeRequest } from '../../../src/delivery.js';
import { createTellOwner } from '../../../src/host/tell-owner.js';
import { andy, cli, workspace } from '../session-manager/workspace.js';

const news = { sessionId: 'ses_x', text: 'A reply may not have arrived.', dedupeKey: 'k' };
const elsewhere = { channelType: 'discord', platformId: 'discord:1:2', threadId: '' };

function setUp() {
  const { db, manager, resolve } = workspace();
  const said: [string, NoticeRequest][] = [];
  const tell = createTellOwner({
    ...{ db, log: pino({ level: 'silent' }), sessions: manager },
    notice: async (sessionId, notice) => said.push([sessionId, notice]) > 0,
  });
  return { db, resolve, said, tell };
}

it('says news of another chat in the main chat', () => {
  const { db, resolve, said, tell } = setUp();
  makeMain(db, andy.id);
  tell({ ...news, to: elsewhere });
  expect(said).toEqual([[resolve().id, { to: cli, text: news.text, dedupeKey: 'k', code: 'owner-news' }]]);
});

it('says nothing into the chat that cannot be reached, and nothing where no main group is named', () => {
  const { db, said, tell } = setUp();
  db.prepare('UPDATE agent_groups SET is_admin = 0').run();
  tell({ ...news, to: elsewhere });
  makeMain(db, andy.id);
  tell({ ...news, to: cli });
  expect(said).toEqual([]);
});

it('throws nothing at the delivery of others when the main group cannot be used', () => {
  const { db, said, tell } = setUp();
  makeMain(db, andy.id);
  db.prepare("UPDATE agent_groups SET container_config = '{broken'").run();
  tell({ ...news, to: elsewhere });
  expect(said).toEqual([]);
});
