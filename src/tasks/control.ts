import { createActionRegistry, createActions } from '../actions/index.js';
import { ActionError } from '../actions/types.js';
import type { Clock } from '../clock.js';
import { getAgentGroup } from '../db/central/agent-groups.js';
import { addAudit } from '../db/central/audit.js';
import type { CentralDb } from '../db/central/index.js';
import { openTask, type Task } from '../db/inbound/tasks.js';
import type { SessionManager } from '../session-manager/types.js';
import { sentences } from '../voice/index.js';
import type { TaskBounds } from './bounds.js';

export type TaskVerb = 'cancel' | 'pause' | 'resume' | 'run-now';

export interface TaskResult {
  /** `nothing`: it is so already, or there is no such task any more. */
  outcome: 'done' | 'nothing' | 'refused';
  /** For whoever asked. */
  said: string;
  /** What the operator can do about it, where there is more to say. */
  fix?: string;
}

/** What people do with tasks, by the same actions and bounds as agents. */
export interface TaskControl {
  /** `actor`: who asks, for the audit. */
  apply(verb: TaskVerb, which: { sessionId: string; taskId: string }, actor: string): Promise<TaskResult>;
}

const ACTIONS = {
  cancel: 'cancel_task',
  pause: 'pause_task',
  resume: 'resume_task',
  'run-now': 'update_task',
};
const AUDITED = { cancel: 'cancelled', pause: 'paused', resume: 'resumed', 'run-now': 'run' };
const DONE = {
  cancel: sentences.tasks.cancelled,
  pause: sentences.tasks.paused,
  resume: sentences.tasks.resumed,
  'run-now': sentences.tasks.runs,
};

export function createTaskControl(deps: {
  db: CentralDb;
  sessions: Pick<SessionManager, 'get' | 'write'>;
  clock: Clock;
  timeZone: string;
  bounds: TaskBounds;
  /** There is work for the agent now. */
  wake(sessionId: string): void;
}): TaskControl {
  const { db, sessions, clock } = deps;
  const actions = createActionRegistry(createActions(deps));

  const audit = (verb: TaskVerb, sessionId: string, task: Task, actor: string, now: number) => {
    const agentGroupId = sessions.get(sessionId)?.agentGroupId ?? '';
    const folder = getAgentGroup(db, agentGroupId)?.folder ?? null;
    const detail = { folder, session: sessionId, recurrence: task.recurrence };
    addAudit(db, { actor, action: `task.${AUDITED[verb]}`, subject: task.seriesId, detail }, now);
  };

  return {
    async apply(verb, { sessionId, taskId }, actor) {
      const session = sessions.get(sessionId);
      if (!session) return GONE;
      const now = clock.now();
      try {
        const { before, changed, wake } = await sessions.write(sessionId, (inbound) => {
          const task = openTask(inbound, taskId);
          if (!task) return { before: undefined, changed: false, wake: false };
          requirePossible(verb, task);
          const request = { taskId, ...(verb === 'run-now' && { processAfter: now }) };
          // A person's word changes when it runs, not on whose behalf.
          const context = { session, db: inbound, origin: null, behind: task.behind, requestId: '', now };
          const result = actions.get(ACTIONS[verb])?.apply(request, context);
          const after = JSON.stringify(openTask(inbound, taskId));
          return { before: task, changed: after !== JSON.stringify(task), wake: result?.wake ?? false };
        });
        if (!before) return GONE;
        if (!changed) return { outcome: 'nothing', said: sentences.tasks.unchanged() };
        audit(verb, sessionId, before, actor, now);
        if (wake) deps.wake(sessionId);
        return { outcome: 'done', said: DONE[verb]({ running: before.content.begunAt !== undefined }) };
      } catch (error) {
        if (!(error instanceof ActionError)) throw error;
        return { outcome: 'refused', said: error.message, fix: error.fix };
      }
    },
  };
}

const GONE: TaskResult = { outcome: 'nothing', said: sentences.tasks.gone() };

/** What an agent is told in such a case is not what helps a person. */
function requirePossible(verb: TaskVerb, { status, recurrence, content }: Task): void {
  const begun = content.begunAt !== undefined;
  if (verb === 'run-now' && status === 'paused') {
    throw new ActionError('task-paused', sentences.tasks.isPaused(), '');
  }
  if (verb === 'run-now' && begun) {
    throw new ActionError('task-running', sentences.tasks.isRunning(), '');
  }
  if ((verb === 'cancel' || verb === 'pause') && begun && recurrence === null) {
    throw new ActionError('task-running', sentences.tasks.isLastRun(), '');
  }
}
