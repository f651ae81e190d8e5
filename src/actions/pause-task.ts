import { z } from 'zod';
import { changeTask } from '../db/inbound/tasks.js';
import {
  firstSlot,
  parseRequest,
  requirePace,
  requireRoom,
  requireTask,
  running,
  type TaskActionDeps,
  taskFields,
} from './task-request.js';
import type { SystemAction } from './types.js';

const schema = z.object({ taskId: taskFields.taskId });

/** `cancel_task`: no further run. One that is under way goes on to its end. */
export const cancelTask: SystemAction = {
  name: 'cancel_task',
  apply(request, context) {
    const { taskId } = parseRequest(schema, request);
    const task = requireTask(context, taskId);
    const begun = task.content.begunAt !== undefined;
    if (begun && task.recurrence === null) throw running(taskId);
    const { nextAt: _, ...content } = task.content;
    changeTask(context.db, begun ? { ...task, recurrence: null, content } : { ...task, status: 'cancelled' });
    return { news: null, wake: false };
  },
};

/** `pause_task`: no further run until it is resumed. */
export const pauseTask: SystemAction = {
  name: 'pause_task',
  apply(request, context) {
    const { taskId } = parseRequest(schema, request);
    const task = requireTask(context, taskId);
    const begun = task.content.begunAt !== undefined;
    if (begun && task.recurrence === null) throw running(taskId);
    const content = begun ? { ...task.content, hold: true } : task.content;
    changeTask(context.db, { ...task, content, status: begun ? task.status : 'paused' });
    return { news: null, wake: false };
  },
};

/** `resume_task`: at its next slot; what went by while it was paused was not missed. Once only: at its time, or at once. */
export function createResumeTask(deps: TaskActionDeps): SystemAction {
  return {
    name: 'resume_task',
    apply(request, context) {
      const { taskId } = parseRequest(schema, request);
      const { db, now } = context;
      const task = requireTask(context, taskId);
      if (task.recurrence !== null) requirePace(task.recurrence, context, deps);
      if (task.status !== 'paused') {
        changeTask(db, { ...task, content: { ...task.content, hold: false } });
        return { news: null, wake: false };
      }
      requireRoom(context, deps);
      const { recurrence } = task;
      const passed = (task.processAfter ?? now) <= now;
      const processAfter =
        recurrence !== null && passed
          ? firstSlot(recurrence, deps.timeZone, now, task.lastSlot)
          : task.processAfter;
      changeTask(db, { ...task, status: 'pending', processAfter });
      return { news: null, wake: (processAfter ?? now) <= now };
    },
  };
}
