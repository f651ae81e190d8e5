import { z } from 'zod';
import { together } from '../db/inbound/behind.js';
import { changeTask, type Task } from '../db/inbound/tasks.js';
import {
  checkTime,
  firstSlot,
  parseRequest,
  requirePace,
  requireTask,
  running,
  type TaskActionDeps,
  taskFields,
} from './task-request.js';
import type { SystemAction } from './types.js';

const schema = z.object({
  taskId: taskFields.taskId,
  prompt: taskFields.prompt.optional(),
  processAfter: taskFields.processAfter.optional(),
  /** Null: once only. */
  recurrence: taskFields.recurrence.nullable().optional(),
  missed: taskFields.missed.optional(),
});
type Request = z.infer<typeof schema>;

/** `update_task`: changes what is given. Of a task that runs just now, its next run. */
export function createUpdateTask(deps: TaskActionDeps): SystemAction {
  /** When the changed task runs next; undefined: as before. */
  const nextTime = (asked: Request, task: Task & { lastSlot: number | null }, now: number) => {
    if (asked.processAfter !== undefined) return checkTime(asked.processAfter, now);
    if (typeof asked.recurrence !== 'string') return undefined;
    const behind = Math.max(
      task.lastSlot ?? now,
      task.content.begunAt === undefined ? now : (task.processAfter ?? now),
    );
    const slot = firstSlot(asked.recurrence, deps.timeZone, now, behind);
    // A first time that was chosen stays; a slot of the old recurrence goes with it.
    return task.recurrence === null && task.processAfter !== null ? undefined : slot;
  };

  return {
    name: 'update_task',
    apply(request, context) {
      const asked = parseRequest(schema, request);
      const { db, now } = context;
      const known = requireTask(context, asked.taskId);
      // Whoever changes it is behind it from now on, too.
      const task = { ...known, behind: together([known.behind, context.behind]) };
      const { prompt = task.content.prompt, missed = task.content.missed } = asked;
      const recurrence = asked.recurrence === undefined ? task.recurrence : asked.recurrence;
      const next = nextTime(asked, task, now);
      if (typeof asked.recurrence === 'string') requirePace(asked.recurrence, context, deps);
      const content = { ...task.content, prompt, ...(missed ? { missed } : {}) };
      if (task.content.begunAt !== undefined) {
        if (recurrence === null && task.recurrence === null) throw running(asked.taskId);
        const nextAt = next === undefined ? {} : { nextAt: next };
        changeTask(db, { ...task, recurrence, content: { ...content, ...nextAt } });
        return { news: null, wake: false };
      }
      const processAfter = next === undefined ? task.processAfter : next;
      changeTask(db, { ...task, recurrence, processAfter, content });
      return { news: null, wake: task.status === 'pending' && (processAfter ?? now) <= now };
    },
  };
}
