import { perHandle } from '../per-handle.js';
import { parseStored } from '../stored-json.js';
import { type AgentGroup, type AgentProvider, containerConfigSchema } from '../types.js';
import type { CentralDb } from './index.js';

export interface AgentGroupRow {
  id: string;
  name: string;
  folder: string;
  place: AgentGroup['place'];
  is_admin: number;
  agent_provider: AgentProvider;
  container_config: string;
  created_at: number;
}

const statements = perHandle((db) => ({
  byId: db.prepare<[string], AgentGroupRow>('SELECT * FROM agent_groups WHERE id = ?'),
  // Folders that differ only in case are one folder on some file systems.
  byFolder: db.prepare<[string], AgentGroupRow>('SELECT * FROM agent_groups WHERE folder = ? COLLATE NOCASE'),
  main: db.prepare<[], AgentGroupRow>('SELECT * FROM agent_groups WHERE is_admin = 1'),
  all: db.prepare<[], AgentGroupRow>('SELECT * FROM agent_groups ORDER BY created_at, id'),
  insert: db.prepare<[string, string, string, number, AgentProvider, string, number]>(
    `INSERT INTO agent_groups (id, name, folder, place, is_admin, agent_provider, container_config, created_at)
     VALUES (?, ?, ?, 'data', ?, ?, ?, ?)`,
  ),
  update: db.prepare<[string, AgentProvider, string, string]>(
    'UPDATE agent_groups SET name = ?, agent_provider = ?, container_config = ? WHERE id = ?',
  ),
  hasMain: db.prepare<[], { found: number }>('SELECT 1 AS found FROM agent_groups WHERE is_admin = 1'),
  // The folder alone: a row with a broken container_config has files all the same.
  inGroups: db.prepare<[], { id: string; folder: string }>(
    "SELECT id, folder FROM agent_groups WHERE place = 'groups' ORDER BY created_at, id",
  ),
  moved: db.prepare<[string]>("UPDATE agent_groups SET place = 'data' WHERE id = ?"),
  clearMain: db.prepare<[string]>('UPDATE agent_groups SET is_admin = 0 WHERE is_admin = 1 AND id <> ?'),
  setMain: db.prepare<[string]>('UPDATE agent_groups SET is_admin = 1 WHERE id = ?'),
}));

export function toAgentGroup(row: AgentGroupRow): AgentGroup {
  return {
    id: row.id,
    name: row.name,
    folder: row.folder,
    place: row.place,
    isAdmin: row.is_admin === 1,
    agentProvider: row.agent_provider,
    containerConfig: parseStored(
      containerConfigSchema,
      row.container_config,
      `container_config of agent group ${row.folder}`,
      'Correct that value in data/v2.db, or restore the file from a backup.',
    ),
    createdAt: row.created_at,
  };
}

/** What the agent is called by the people who talk to it. */
export function assistantNameOf(agentGroup: AgentGroup): string {
  return agentGroup.containerConfig.assistantName ?? agentGroup.name;
}

export function getAgentGroup(db: CentralDb, id: string): AgentGroup | undefined {
  const row = statements(db).byId.get(id);
  return row && toAgentGroup(row);
}

export function getAgentGroupByFolder(db: CentralDb, folder: string): AgentGroup | undefined {
  const row = statements(db).byFolder.get(folder);
  return row && toAgentGroup(row);
}

/** The group whose chat gets the owner's notices, if one was named. */
export function getMainAgentGroup(db: CentralDb): AgentGroup | undefined {
  const row = statements(db).main.get();
  return row && toAgentGroup(row);
}

/** Is there one? Also where its row cannot be used. */
export function hasMainAgentGroup(db: CentralDb): boolean {
  return statements(db).hasMain.get() !== undefined;
}

export function listAgentGroups(db: CentralDb): AgentGroup[] {
  return statements(db).all.all().map(toAgentGroup);
}

/** Its files lie in `data/groups/`: only versions before kept them elsewhere. */
export function createAgentGroup(db: CentralDb, group: Omit<AgentGroup, 'place'>): void {
  const config = JSON.stringify(group.containerConfig);
  const { id, name, folder, agentProvider, createdAt } = group;
  statements(db).insert.run(id, name, folder, group.isAdmin ? 1 : 0, agentProvider, config, createdAt);
}

/** Those whose files still lie in `groups/`. */
export function listFoldersInGroups(db: CentralDb): { id: string; folder: string }[] {
  return statements(db).inGroups.all();
}

/** From now on its files lie in `data/groups/`. */
export function markFolderMoved(db: CentralDb, id: string): void {
  statements(db).moved.run(id);
}

/** Writes name, provider and container configuration; `is_admin` moves with `makeMain` only. */
export function updateAgentGroup(db: CentralDb, group: AgentGroup): void {
  const config = JSON.stringify(group.containerConfig);
  statements(db).update.run(group.name, group.agentProvider, config, group.id);
}

/** Moves `is_admin` to this group. Inside a transaction: there is at most one main group at any moment. */
export function makeMain(db: CentralDb, id: string): void {
  statements(db).clearMain.run(id);
  statements(db).setMain.run(id);
}
