import { expect, it } from 'vitest';
import { makeMain } from '../../../src/db/central/agent-groups.js';
import { createVoice, type DurableNotice, type OwnerNews } from '../../../src/voice/index.js';
import { silentLog } from '../../fakes/log.js';
import { andy, cli, wire, workspace } from '../session-manager/workspace.js';

const elsewhere = { channelType: 'discord', platformId: 'discord:1:2', threadId: '' };
const news: OwnerNews = { sessionId: 'ses_x', to: elsewhere, state: 'unknown', dedupeKey: 'k' };

function setUp() {
  const { db, clock, manager, resolve } = workspace();
  const said: [string, DurableNotice][] = [];
  const voice = createVoice({
    ...{ db, clock, log: silentLog, sessions: manager },
    durable: async (sessionId, notice) => said.push([sessionId, notice]) > 0,
    say: async () => {},
  });
  return { db, resolve, said, tell: voice.owner };
}

it('says news of another chat in the main chat, under the name that people know', () => {
  const { db, resolve, said, tell } = setUp();
  makeMain(db, andy.id);
  tell(news);
  wire(db, { id: 'mg_d', name: 'Our\n  Family', channelType: 'discord', platformId: 'discord:1:2' });
  tell({ ...news, state: 'dead' });
  expect(said).toEqual([
    [
      resolve().id,
      { to: cli, text: expect.stringContaining('a chat on Discord'), dedupeKey: 'k', code: 'owner-news' },
    ],
    [resolve().id, expect.objectContaining({ text: expect.stringContaining('"Our Family" (Discord)') })],
  ]);
  expect(said.map(([, { text }]) => text).join()).not.toContain('discord:1:2');
});

it('says nothing into the chat that cannot be reached, and nothing where no main group is named', () => {
  const { db, said, tell } = setUp();
  db.prepare('UPDATE agent_groups SET is_admin = 0').run();
  tell(news);
  makeMain(db, andy.id);
  tell({ ...news, to: cli });
  expect(said).toEqual([]);
});

it('throws nothing at the delivery of others when the main group cannot be used', () => {
  const { db, said, tell } = setUp();
  makeMain(db, andy.id);
  db.prepare("UPDATE agent_groups SET container_config = '{broken'").run();
  tell(news);
  expect(said).toEqual([]);
});
