import { getAgentGroup } from '../db/central/agent-groups.js';
import type { CentralDb } from '../db/central/index.js';
import { sessionsWithWork } from '../db/central/sessions.js';
import { countActiveTasks } from '../db/inbound/tasks.js';
import type { AgentGroup, Session } from '../db/types.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { SessionManager } from '../session-manager/types.js';

/** What tasks of an agent group may do, unless its operator says otherwise. */
const DEFAULT_MOST = 20;
const DEFAULT_INTERVAL_MS = 5 * 60_000;

export interface TaskLimits {
  folder: string;
  /** Tasks that may be active at once, in all conversations of the agent group together. */
  most: number;
  /** The shortest time between two runs of one task. */
  intervalMs: number;
}

export interface TaskBounds {
  limits(session: Session): TaskLimits;
  /**
   * Active tasks in the other conversations of the session's agent group; it counts no further than `enough`. The
   * conversations are asked, not a figure kept beside them: one task more in each of many threads would escape it.
   */
  activeElsewhere(session: Session, enough: number): number;
}

export function limitsOf({ folder, containerConfig }: AgentGroup): TaskLimits {
  const { maxTasks = DEFAULT_MOST, minTaskIntervalMs = DEFAULT_INTERVAL_MS } = containerConfig;
  return { folder, most: maxTasks, intervalMs: minTaskIntervalMs };
}

export function createTaskBounds(deps: {
  db: CentralDb;
  sessions: Pick<SessionManager, 'read'>;
  log: Log;
}): TaskBounds {
  const { db, sessions, log } = deps;
  const countIn = (sessionId: string): number => {
    try {
      return sessions.read(sessionId, countActiveTasks);
    } catch (error) {
      // What cannot be read cannot run either.
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'tasks not counted');
      return 0;
    }
  };
  return {
    limits(session) {
      const agentGroup = getAgentGroup(db, session.agentGroupId);
      if (!agentGroup) throw new Error(`session ${session.id} has no agent group`);
      return limitsOf(agentGroup);
    },
    activeElsewhere(session, enough) {
      let active = 0;
      // Whatever has a task ahead has a time at which it is next due.
      for (const id of sessionsWithWork(db, session.agentGroupId)) {
        if (active >= enough) break;
        if (id !== session.id) active += countIn(id);
      }
      return active;
    },
  };
}

const SPANS = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** `5m`, `1h`: as the flag takes it. */
export function spanWords(ms: number): string {
  const [unit, size] = SPANS.find(([, one]) => ms >= one && ms % one === 0) ?? ['s', 1000];
  return `${Math.round(ms / size)}${unit}`;
}
