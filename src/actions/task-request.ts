import { z } from 'zod';
import { countActiveTasks, countOpenTasks, lastSlotOf, openTask, type Task } from '../db/inbound/tasks.js';
import { spanWords, type TaskBounds } from '../tasks/bounds.js';
import { tooShortGap } from '../tasks/pace.js';
import { checkRecurrence, RecurrenceError } from '../tasks/slots.js';
import { type ActionContext, ActionError } from './types.js';

const HOUR_MS = 3_600_000;
/** Of one conversation, paused ones too: what is kept is bounded as well as what runs. */
const MOST_OPEN = 100;
const FARTHEST_MS = 10 * 366 * 24 * HOUR_MS;

/** What the actions that make or change tasks are given. `timeZone`: the user's. */
export interface TaskActionDeps {
  timeZone: string;
  bounds: TaskBounds;
}

/** What requests about tasks have in common; `processAfter` is epoch milliseconds. */
export const taskFields = {
  taskId: z.string().regex(/^[\w-]{1,100}$/, 'is not the id of a task'),
  prompt: z.string().min(1).max(20_000),
  processAfter: z.number().int(),
  recurrence: z.string().min(1).max(200),
  missed: z.enum(['latest', 'skip']),
};

/** The request as `schema` has it. Throws an ActionError that names what is wrong. */
export function parseRequest<T>(schema: z.ZodType<T>, request: unknown): T {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const message = `${issue?.path.join('.') || 'the request'}: ${issue?.message ?? 'is not acceptable'}.`;
  throw new ActionError('bad-request', message, 'Nothing has changed.');
}

/** A time to run at that makes sense. A little late is now; long past is a mistake. */
export function checkTime(at: number, now: number): number {
  if (at < now - HOUR_MS) {
    const message = `${shown(at)} has passed; it is ${shown(now)} now.`;
    throw new ActionError('time-passed', message, 'Give a time that is still to come.');
  }
  if (at > now + FARTHEST_MS) {
    throw new ActionError('too-far', `${shown(at)} is more than ten years away.`, 'Give an earlier time.');
  }
  return at;
}

/** The first slot of a recurrence after now and after `slot`, the last one that was run. Throws an ActionError. */
export function firstSlot(pattern: string, timeZone: string, now: number, slot: number | null): number {
  try {
    return checkRecurrence({ pattern, timeZone }, Math.max(now, slot ?? now));
  } catch (error) {
    if (!(error instanceof RecurrenceError)) throw error;
    throw new ActionError(error.code, error.message, error.fix);
  }
}

/** The task that a request is about. Throws an ActionError where there is none (any more). */
export function requireTask(
  { db, behind }: ActionContext,
  taskId: string,
): Task & { lastSlot: number | null } {
  const task = openTask(db, taskId);
  if (!task) {
    const message = `There is no task ${taskId} (any more).`;
    throw new ActionError('no-such-task', message, 'list_tasks has those that there are.');
  }
  if (behind.lowest === 'guest' && task.behind.highest !== 'guest') {
    const message = `The task ${taskId} is somebody else's, and a guest takes part in this turn.`;
    throw new ActionError('task-of-others', message, 'Its owner can ask for it, or use /tasks.');
  }
  return { ...task, lastSlot: lastSlotOf(db, taskId) };
}

/** Room for one more active task. Throws an ActionError that has the command by which there is more. */
export function requireRoom({ db, session }: ActionContext, { bounds }: TaskActionDeps): void {
  const { folder, most } = bounds.limits(session);
  const here = countActiveTasks(db);
  const active = here >= most ? here : here + bounds.activeElsewhere(session, most - here);
  if (active < most) return;
  const message = `There are ${active} active tasks already, and ${most} may be active at once.`;
  const more = `./wharfie group --folder "${folder}" --max-tasks ${Math.min(1000, Math.max(50, most * 2))}`;
  throw new ActionError(
    'too-many-tasks',
    message,
    `Cancel one that is not needed any more. Only the operator can allow more: ${more}`,
  );
}

/** Room for one more that is kept, active or not. */
export function requirePlace({ db, session }: ActionContext, { bounds }: TaskActionDeps): void {
  const most = Math.max(MOST_OPEN, bounds.limits(session).most);
  if (countOpenTasks(db) < most) return;
  const message = `This conversation has ${most} tasks already, with those that are paused.`;
  throw new ActionError('too-many-tasks', message, 'Cancel one that is not needed any more.');
}

/** Throws an ActionError, with the command that allows it, for a recurrence that runs too often. */
export function requirePace(recurrence: string, context: ActionContext, deps: TaskActionDeps): void {
  const { folder, intervalMs } = deps.bounds.limits(context.session);
  const gap = tooShortGap({ pattern: recurrence, timeZone: deps.timeZone }, intervalMs, context.now);
  if (gap === null) return;
  const message = `${JSON.stringify(recurrence)} runs twice within ${spanWords(gap)}, and ${spanWords(intervalMs)} must lie between two runs.`;
  const more = `./wharfie group --folder "${folder}" --min-task-interval ${spanWords(gap)}`;
  throw new ActionError(
    'too-often',
    message,
    `Have it run less often. Only the operator can allow it: ${more}`,
  );
}

export function running(taskId: string): ActionError {
  const message = `The task ${taskId} runs just now, and there is no next time.`;
  return new ActionError('task-running', message, 'Schedule a new one for later.');
}

const shown = (at: number) => new Date(at).toISOString();
