import { perHandle } from '../per-handle.js';
import { BadRowError, parseStored } from '../stored-json.js';
import { type AgentGroup, type SessionMode, triggerRulesSchema, type Wiring } from '../types.js';
import { type AgentGroupRow, toAgentGroup } from './agent-groups.js';
import type { CentralDb } from './index.js';

interface Row {
  id: string;
  messaging_group_id: string;
  agent_group_id: string;
  trigger_rules: string;
  session_mode: SessionMode;
  priority: number;
  created_at: number;
}

/** A wiring with the agent group that it leads to. */
export interface WiredAgent {
  wiring: Wiring;
  agentGroup: AgentGroup;
}

const statements = perHandle((db) => ({
  byPair: db.prepare<[string, string], Row>(
    'SELECT * FROM messaging_group_agents WHERE messaging_group_id = ? AND agent_group_id = ?',
  ),
  // Highest priority first; of equals the one that was wired first.
  ofChat: db.prepare<[string], Row>(
    'SELECT * FROM messaging_group_agents WHERE messaging_group_id = ? ORDER BY priority DESC, created_at, rowid',
  ),
  ofAgent: db.prepare<[string], Row>(
    'SELECT * FROM messaging_group_agents WHERE agent_group_id = ? ORDER BY created_at, rowid',
  ),
  agent: db.prepare<[string], AgentGroupRow>('SELECT * FROM agent_groups WHERE id = ?'),
  insert: db.prepare<[string, string, string, string, SessionMode, number, number]>(
    `INSERT INTO messaging_group_agents
       (id, messaging_group_id, agent_group_id, trigger_rules, session_mode, priority, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: db.prepare<[string, SessionMode, number, string]>(
    'UPDATE messaging_group_agents SET trigger_rules = ?, session_mode = ?, priority = ? WHERE id = ?',
  ),
  folders: db.prepare<[string], { wiringId: string; agentGroupId: string; folder: string }>(
    `SELECT w.id AS wiringId, w.agent_group_id AS agentGroupId, a.folder FROM messaging_group_agents w
     JOIN agent_groups a ON a.id = w.agent_group_id
     WHERE w.messaging_group_id = ? ORDER BY w.priority DESC, w.created_at, w.rowid`,
  ),
  remove: db.prepare<[string]>('DELETE FROM messaging_group_agents WHERE id = ?'),
  dangling: db.prepare<[], { id: string }>(
    `SELECT id FROM messaging_group_agents w
     WHERE NOT EXISTS (SELECT 1 FROM messaging_groups m WHERE m.id = w.messaging_group_id)
        OR NOT EXISTS (SELECT 1 FROM agent_groups a WHERE a.id = w.agent_group_id)`,
  ),
}));

function toWiring(row: Row): Wiring {
  return {
    id: row.id,
    messagingGroupId: row.messaging_group_id,
    agentGroupId: row.agent_group_id,
    triggerRules: parseStored(triggerRulesSchema, row.trigger_rules, `trigger_rules of wiring ${row.id}`),
    sessionMode: row.session_mode,
    priority: row.priority,
    createdAt: row.created_at,
  };
}

/** The wiring between this chat and this agent group, if there is one. */
export function getMessagingGroupAgentByPair(
  db: CentralDb,
  messagingGroupId: string,
  agentGroupId: string,
): Wiring | undefined {
  const row = statements(db).byPair.get(messagingGroupId, agentGroupId);
  return row && toWiring(row);
}

/**
 * A chat's wirings with their agent groups, highest priority first. A row that cannot be used is reported in `bad`
 * and stops none of the others.
 */
export function listWiredAgents(
  db: CentralDb,
  messagingGroupId: string,
): { usable: WiredAgent[]; bad: BadRowError[] } {
  const usable: WiredAgent[] = [];
  const bad: BadRowError[] = [];
  for (const row of statements(db).ofChat.all(messagingGroupId)) {
    try {
      const agent = statements(db).agent.get(row.agent_group_id);
      if (agent) usable.push({ wiring: toWiring(row), agentGroup: toAgentGroup(agent) });
    } catch (error) {
      if (!(error instanceof BadRowError)) throw error;
      bad.push(error);
    }
  }
  return { usable, bad };
}

/** The wirings of an agent group: the chats to which it may send. */
export function listWiringsOfAgentGroup(db: CentralDb, agentGroupId: string): Wiring[] {
  return statements(db).ofAgent.all(agentGroupId).map(toWiring);
}

export function createWiring(db: CentralDb, wiring: Wiring): void {
  statements(db).insert.run(
    wiring.id,
    wiring.messagingGroupId,
    wiring.agentGroupId,
    JSON.stringify(wiring.triggerRules),
    wiring.sessionMode,
    wiring.priority,
    wiring.createdAt,
  );
}

export function updateWiring(db: CentralDb, wiring: Wiring): void {
  const rules = JSON.stringify(wiring.triggerRules);
  statements(db).update.run(rules, wiring.sessionMode, wiring.priority, wiring.id);
}

/** What a chat is wired to, also by rows that cannot be used. */
export function listWiredFolders(
  db: CentralDb,
  messagingGroupId: string,
): { wiringId: string; agentGroupId: string; folder: string }[] {
  return statements(db).folders.all(messagingGroupId);
}

export function deleteWiring(db: CentralDb, id: string): boolean {
  return statements(db).remove.run(id).changes > 0;
}

/** Wirings whose chat or agent group is not there: no program of ours leaves such a row, an edit by hand does. */
export function danglingWirings(db: CentralDb): string[] {
  return statements(db)
    .dangling.all()
    .map((row) => row.id);
}
