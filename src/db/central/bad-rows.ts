import { perHandle } from '../per-handle.js';
import { BadRowError } from '../stored-json.js';
import { type AgentGroup, type ContainerConfig, containerConfigSchema } from '../types.js';
import { type AgentGroupRow, toAgentGroup } from './agent-groups.js';
import type { CentralDb } from './index.js';

/** An agent group whose row somebody changed by hand into something that cannot be used. */
export interface BadAgentGroup {
  id: string;
  folder: string;
  message: string;
}

const statements = perHandle((db) => ({
  all: db.prepare<[], AgentGroupRow>('SELECT * FROM agent_groups ORDER BY created_at, id'),
  config: db.prepare<[string], string>('SELECT container_config FROM agent_groups WHERE id = ?').pluck(),
  set: db.prepare<[string, string]>('UPDATE agent_groups SET container_config = ? WHERE id = ?'),
}));

/** Every agent group that can be used, and those that cannot: one bad row hides none of the others. */
export function sortAgentGroups(db: CentralDb): { usable: AgentGroup[]; bad: BadAgentGroup[] } {
  const usable: AgentGroup[] = [];
  const bad: BadAgentGroup[] = [];
  for (const row of statements(db).all.all()) {
    try {
      usable.push(toAgentGroup(row));
    } catch (error) {
      if (!(error instanceof BadRowError)) throw error;
      bad.push({ id: row.id, folder: row.folder, message: error.message });
    }
  }
  return { usable, bad };
}

/** Keeps of an agent group's settings each one that can be read; the others go back to their defaults. */
export function mendAgentGroup(db: CentralDb, id: string): void {
  const text = statements(db).config.get(id);
  if (text !== undefined) statements(db).set.run(JSON.stringify(readable(text)), id);
}

function readable(text: string): ContainerConfig {
  const found = Object.entries(objectOf(text)).filter(
    ([name, value]) => containerConfigSchema.safeParse({ [name]: value }).success,
  );
  return containerConfigSchema.parse(Object.fromEntries(found));
}

function objectOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
