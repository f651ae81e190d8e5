import { z } from 'zod';
import { type Address, sameChat } from '../address.js';
import type { TaskContent } from '../db/content.js';
import { readDestinations } from '../db/inbound/destinations.js';
import { insertMessage } from '../db/inbound/messages-in.js';
import { seriesKnown } from '../db/inbound/tasks.js';
import {
  checkTime,
  firstSlot,
  parseRequest,
  requirePace,
  requirePlace,
  requireRoom,
  type TaskActionDeps,
  taskFields,
} from './task-request.js';
import { type ActionContext, ActionError, type SystemAction } from './types.js';

const schema = z.object({
  taskId: taskFields.taskId,
  prompt: taskFields.prompt,
  processAfter: taskFields.processAfter.nullable().default(null),
  recurrence: taskFields.recurrence.nullable().default(null),
  missed: taskFields.missed.optional(),
});

/** `schedule_task`: a run at a time, at the next time of a recurrence, or at once. It answers where it was asked for. */
export function createScheduleTask(deps: TaskActionDeps): SystemAction {
  return {
    name: 'schedule_task',
    apply(request, context) {
      const { taskId, prompt, recurrence, missed, ...asked } = parseRequest(schema, request);
      const { db, now, behind } = context;
      const address = requireOrigin(context);
      requirePlace(context, deps);
      requireRoom(context, deps);
      if (seriesKnown(db, taskId)) {
        throw new ActionError('task-known', `There is a task ${taskId} already.`, 'Take another id.');
      }
      const slot = recurrence === null ? null : firstSlot(recurrence, deps.timeZone, now, null);
      if (recurrence !== null) requirePace(recurrence, context, deps);
      const processAfter = asked.processAfter === null ? slot : checkTime(asked.processAfter, now);
      const chat = readDestinations(db).find((one) => sameChat(one, address))?.name ?? '';
      const content: TaskContent = { prompt, chat, ...(missed ? { missed } : {}) };
      const row = { kind: 'task', trigger: 1, address, createdAt: now, processAfter, content } as const;
      insertMessage(db, { ...row, recurrence, seriesId: taskId, behind });
      return { news: null, wake: (processAfter ?? now) <= now };
    },
  };
}

function requireOrigin({ origin }: ActionContext): Address {
  if (origin) return origin;
  throw new ActionError('no-chat', 'There is no chat in which it could run.', 'Ask for it in a chat.');
}
