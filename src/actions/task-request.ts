import { z } from 'zod';
import { countOpenTasks, lastSlotOf, openTask, type Task } from '../db/tasks.js';
import { checkRecurrence, RecurrenceError } from '../tasks/slots.js';
import { type ActionContext, ActionError } from './types.js';

const HOUR_MS = 3_600_000;
const MOST_TASKS = 100;
const FARTHEST_MS = 10 * 366 * 24 * HOUR_MS;

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
export function requireTask({ db }: ActionContext, taskId: string): Task & { lastSlot: number | null } {
  const task = openTask(db, taskId);
  if (task) return { ...task, lastSlot: lastSlotOf(db, taskId) };
  const message = `There is no task ${taskId} (any more).`;
  throw new ActionError('no-such-task', message, 'list_tasks has those that there are.');
}

export function requireRoom({ db }: ActionContext): void {
  if (countOpenTasks(db) < MOST_TASKS) return;
  const message = `There are ${MOST_TASKS} tasks already.`;
  throw new ActionError('too-many-tasks', message, 'Cancel one that is not needed any more.');
}

export function running(taskId: string): ActionError {
  const message = `The task ${taskId} runs just now, and there is no next time.`;
  return new ActionError('task-running', message, 'Schedule a new one for later.');
}

const shown = (at: number) => new Date(at).toISOString();
