import { type Address, sameChat } from '../address.js';
import type { CrashPoint } from '../crash-point.js';
import type { InboundDb } from '../db/inbound/index.js';
import { insertMessage } from '../db/inbound/messages-in.js';
import { tellAgent } from '../db/inbound/news.js';
import { changeTask, getTask, lastSlotOf, recurringBefore, type Task } from '../db/inbound/tasks.js';
import { reasonOf } from '../errors.js';
import { newId } from '../ids.js';
import type { Log } from '../log/index.js';
import { firstSlotAfter, lastSlotUntil, type MissedPolicy, nextSlot } from './slots.js';

/** A run of a task with `skip` that nobody began this long after its slot is missed. */
export const SKIP_AFTER_MS = 5 * 60_000;

/**
 * What becomes of tasks as time goes by (docs/reliability.md#time). All of it is called inside a transaction of the
 * session's inbound.db, with what it follows from: so a series has exactly one run ahead, whatever ends when. Messages
 * that are no tasks are passed over.
 */
export interface Tasks {
  /** A runner has taken these messages on. A late run stands for the newest slot, or is not made (`skip`). */
  begun(db: InboundDb, messageIds: readonly string[], now: number): void;
  /**
   * These messages have ended, well or not: the next run of each series is put in. `reachable`: the chats that the agent
   * is wired to; a series in another one is paused, or it would wake an agent for ever that nobody hears.
   */
  settled(
    db: InboundDb,
    messageIds: readonly string[],
    now: number,
    reachable?: readonly Pick<Address, 'channelType' | 'platformId'>[],
  ): void;
  /** Are there runs that are not made because they are too late? */
  hasMissed(db: InboundDb, now: number): boolean;
  /** Moves those on to their next slot. */
  passOver(db: InboundDb, now: number): void;
}

export function createTasks(deps: { timeZone: string; log: Log; crashPoint: CrashPoint }): Tasks {
  const { timeZone, log } = deps;

  const isMissed = (task: Task, now: number) =>
    task.content.missed === 'skip' &&
    task.content.begunAt === undefined &&
    now - (task.processAfter ?? now) > SKIP_AFTER_MS;

  /** The slot that a run stands for which begins now. */
  const slotAt = (db: InboundDb, task: Task, now: number): number | null => {
    const { recurrence: pattern, processAfter } = task;
    if (pattern === null || processAfter === null || processAfter > now) return processAfter;
    return tryOr(db, task, now, processAfter, () => {
      const newest = lastSlotUntil({ pattern, timeZone }, now);
      return newest === null ? processAfter : Math.max(processAfter, newest);
    });
  };

  /** A pattern that this version cannot read any more must not hold up the session's transactions. */
  const tryOr = <T>(db: InboundDb, task: Task, now: number, otherwise: T, compute: () => T): T => {
    try {
      return compute();
    } catch (error) {
      log.error({ task: task.seriesId, reason: reasonOf(error) }, 'recurrence not understood');
      const text = `The task ${task.seriesId} has ended: ${reasonOf(error)} Its prompt was: ${JSON.stringify(task.content.prompt)}`;
      tellAgent(db, { about: `series:${task.seriesId}`, text }, now);
      return otherwise;
    }
  };

  function advance(db: InboundDb, task: Task, now: number): void {
    const { recurrence: pattern, content, seriesId } = task;
    if (pattern === null && content.nextAt === undefined) return;
    const ran = content.begunAt === undefined ? slotAt(db, task, now) : task.processAfter;
    const slot = Math.max(ran ?? now, lastSlotOf(db, seriesId) ?? 0);
    const missed: MissedPolicy = content.missed ?? 'latest';
    const next =
      pattern === null || content.nextAt !== undefined
        ? content.nextAt
        : tryOr(db, task, now, null, () => nextSlot({ pattern, timeZone }, { slot, now, missed }));
    if (next === null || next === undefined) return;
    insertRun(db, task, next, now);
    deps.crashPoint('sweep:recurrence');
  }

  return {
    begun(db, messageIds, now) {
      for (const id of messageIds) {
        const task = getTask(db, id);
        if (task?.status !== 'pending' || task.content.begunAt !== undefined) continue;
        if (task.recurrence !== null && isMissed(task, now)) {
          // The runner drops what is cancelled under its hands.
          log.info({ task: task.seriesId, slot: task.processAfter }, 'missed slot skipped');
          changeTask(db, { ...task, status: 'cancelled' });
          advance(db, task, now);
        } else {
          const processAfter = slotAt(db, task, now);
          changeTask(db, { ...task, processAfter, content: { ...task.content, begunAt: now } });
        }
      }
    },
    settled(db, messageIds, now, reachable) {
      for (const id of messageIds) {
        const task = getTask(db, id);
        if (!task) continue;
        const { address, content } = task;
        const heard = reachable?.some((chat) => sameChat(chat, address)) ?? true;
        advance(db, heard ? task : { ...task, content: { ...content, hold: true } }, now);
        if (!heard && task.recurrence !== null) tellUnheard(db, task, now);
      }
    },
    hasMissed: (db, now) => recurringBefore(db, now - SKIP_AFTER_MS).some((task) => isMissed(task, now)),
    passOver(db, now) {
      for (const task of recurringBefore(db, now - SKIP_AFTER_MS)) {
        const { recurrence: pattern } = task;
        if (pattern === null || !isMissed(task, now)) continue;
        const next = tryOr(db, task, now, null, () => firstSlotAfter({ pattern, timeZone }, now));
        log.info({ task: task.seriesId, slot: task.processAfter, next }, 'missed slot skipped');
        changeTask(db, next === null ? { ...task, status: 'cancelled' } : { ...task, processAfter: next });
      }
    },
  };
}

function tellUnheard(db: InboundDb, { seriesId }: Task, now: number): void {
  const text = `The task ${seriesId} is paused: you are not wired to its chat any more. resume_task lets it go on.`;
  tellAgent(db, { about: `unheard:${seriesId}:${now}`, text }, now);
}

function insertRun(db: InboundDb, task: Task, processAfter: number, now: number): void {
  const { prompt, chat, missed, hold } = task.content;
  const content = { prompt, chat, ...(missed ? { missed } : {}) };
  const { seriesId, recurrence, address, behind } = task;
  const id = newId('in');
  insertMessage(db, {
    ...{
      id,
      kind: 'task',
      trigger: 1,
      address,
      createdAt: now,
      processAfter,
      content,
      recurrence,
      seriesId,
      behind,
    },
  });
  if (!hold) return;
  const run = getTask(db, id);
  if (run) changeTask(db, { ...run, status: 'paused' });
}
