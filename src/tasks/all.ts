import { existsSync } from 'node:fs';
import type { Paths } from '../config.js';
import type { CentralDb } from '../db/central/index.js';
import { sessionsOfAgentGroup } from '../db/central/sessions.js';
import { readOpenTasks } from '../db/inbound/backlog.js';
import type { AgentGroup } from '../db/types.js';
import { codeOf } from '../errors.js';
import { sessionPaths } from '../session-manager/paths.js';
import { type ListedTask, listed } from './listing.js';

export interface TasksOfGroup {
  agentGroup: AgentGroup;
  tasks: ListedTask[];
}

/**
 * The open tasks of these agent groups, read by a process that is not the host. `unreadable`: sessions that cannot be read
 * now.
 */
export function readAllTasks(
  db: CentralDb,
  paths: Paths,
  agentGroups: readonly AgentGroup[],
): { groups: TasksOfGroup[]; unreadable: string[] } {
  const unreadable: string[] = [];
  const found = agentGroups.flatMap((agentGroup) =>
    sessionsOfAgentGroup(db, agentGroup.id).flatMap((session) => {
      const { inboundDb } = sessionPaths(paths, session, agentGroup);
      try {
        // One that was just made has no files yet.
        if (!existsSync(inboundDb)) return [];
        return readOpenTasks(inboundDb).map((task) => ({ agentGroup, sessionId: session.id, task }));
      } catch (error) {
        if (!codeOf(error).startsWith('SQLITE_')) throw error;
        unreadable.push(session.id);
        return [];
      }
    }),
  );
  // One list: an id of it means one task in all groups.
  const tasks = listed(found);
  const groups = agentGroups.map((agentGroup) => ({
    agentGroup,
    tasks: tasks.filter((_, index) => found[index]?.agentGroup === agentGroup),
  }));
  return { groups, unreadable };
}
