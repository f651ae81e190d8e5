import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import type { AgentGroup, MessagingGroup } from '../../../src/db/types.js';
import { createSessionManager, type SessionManagerDeps } from '../../../src/session-manager.js';
import { createFakeClock } from '../../fakes/clock.js';

export { chat, cli } from '../db/inbound-file.js';

export const andy: AgentGroup = {
  ...{
    id: 'ag_1',
    name: 'Andy',
    folder: 'andy',
    place: 'data',
    isAdmin: true,
    agentProvider: 'mock',
    createdAt: 1,
  },
  containerConfig: { egress: 'model', mounts: [], serverTools: [] },
};

const terminal: MessagingGroup = {
  ...{
    id: 'mg_1',
    channelType: 'cli',
    platformId: 'cli:local',
    name: 'Terminal',
    isGroup: false,
    createdAt: 1,
  },
  ...{ adminUserId: null, unknownSenderPolicy: 'open', lastPlatformMessageId: null, lastPlatformAt: null },
};

/** A session manager on a folder of its own, with one agent group wired to the terminal. */
export function workspace(overrides: Partial<SessionManagerDeps> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'wharfie-sessions-'));
  const paths = {
    sessions: join(home, 'data', 'v2-sessions'),
    groups: join(home, 'groups'),
    agentFolders: join(home, 'data', 'groups'),
  };
  mkdirSync(join(home, 'data'));
  const db = openCentralDb(join(home, 'data', 'v2.db'));
  createAgentGroup(db, andy);
  wire(db, terminal);
  const clock = createFakeClock();
  const stuck: string[] = [];
  const make = () =>
    createSessionManager({
      ...{ db, paths, clock, log: pino({ level: 'silent' }), onStuck: (id: string) => stuck.push(id) },
      ...overrides,
    });
  const manager = make();
  onTestFinished(async () => {
    const closing = manager.close();
    await clock.advance(5000);
    await closing;
    db.close();
    rmSync(home, { recursive: true, force: true });
  });
  const resolve = (threadId = '', mode: 'shared' | 'per-thread' | 'agent-shared' = 'shared') =>
    manager.resolve({ agentGroup: andy, messagingGroup: terminal, threadId, mode });
  return { home, db, clock, stuck, manager, make, resolve };
}

/** The chat and its wiring to Andy. */
export function wire(
  db: ReturnType<typeof openCentralDb>,
  chat: Pick<MessagingGroup, 'id' | 'name' | 'channelType' | 'platformId'>,
) {
  db.prepare(
    `INSERT INTO messaging_groups (id, channel_type, platform_id, name, is_group, unknown_sender_policy, created_at)
     VALUES (?, ?, ?, ?, 0, 'open', 1)`,
  ).run(chat.id, chat.channelType, chat.platformId, chat.name);
  db.prepare(
    `INSERT INTO messaging_group_agents (id, messaging_group_id, agent_group_id, trigger_rules, session_mode, created_at)
     VALUES (?, ?, 'ag_1', '{}', 'shared', 1)`,
  ).run(`mga_${chat.id}`, chat.id);
}
