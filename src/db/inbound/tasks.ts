import { z } from 'zod';
import type { Address } from '../../address.js';
import type { TaskContent } from '../content.js';
import { perHandle } from '../per-handle.js';
import { type Behind, parseBehind } from './behind.js';
import type { InboundDb } from './index.js';
import type { MessageStatus } from './messages-in.js';

/** One run of a task: of a series there is at most one that is still to come or under way. */
export interface Task {
  id: string;
  seriesId: string;
  status: MessageStatus;
  /** The slot, epoch milliseconds; null: at once. */
  processAfter: number | null;
  recurrence: string | null;
  address: Address;
  content: TaskContent;
  /** Who had it scheduled, and changed. */
  behind: Behind;
  createdAt: number;
}

interface Row extends Omit<Task, 'address' | 'content' | 'behind'>, Address {
  content: string;
  sender: string;
}

const SELECT = `SELECT id, ifnull(series_id, id) AS seriesId, status, process_after AS processAfter, recurrence,
  channel_type AS channelType, platform_id AS platformId, thread_id AS threadId, content, sender,
  created_at AS createdAt FROM messages_in`;
const OPEN = "kind = 'task' AND status IN ('pending', 'paused')";

const sql = perHandle((db) => ({
  byId: db.prepare<[string], Row>(`${SELECT} WHERE id = ? AND kind = 'task'`),
  ofSeries: db.prepare<[string], Row>(`${SELECT} WHERE series_id = ? AND ${OPEN} LIMIT 1`),
  known: db.prepare<[string], { id: string }>('SELECT id FROM messages_in WHERE series_id = ? LIMIT 1'),
  lastSlot: db
    .prepare<[string], number | null>(
      `SELECT max(process_after) FROM messages_in
       WHERE series_id = ? AND status IN ('done', 'failed', 'cancelled') AND process_after IS NOT NULL`,
    )
    .pluck(),
  count: db
    .prepare<[], number>(`SELECT count(*) FROM messages_in WHERE series_id IS NOT NULL AND ${OPEN}`)
    .pluck(),
  active: db
    .prepare<[], number>(
      "SELECT count(*) FROM messages_in WHERE series_id IS NOT NULL AND kind = 'task' AND status = 'pending'",
    )
    .pluck(),
  open: db.prepare<[], Row>(`${SELECT} WHERE series_id IS NOT NULL AND ${OPEN} ORDER BY seq`),
  overdue: db.prepare<[number], Row>(
    `${SELECT} WHERE status = 'pending' AND kind = 'task' AND recurrence IS NOT NULL AND process_after < ? ORDER BY seq`,
  ),
  change: db.prepare<[MessageStatus, number | null, string | null, string, string, string]>(
    'UPDATE messages_in SET status = ?, process_after = ?, recurrence = ?, content = ?, sender = ? WHERE id = ?',
  ),
}));

const contentSchema = z.object({
  prompt: z.string(),
  chat: z.string().default(''),
  missed: z.enum(['latest', 'skip']).optional(),
  begunAt: z.number().optional(),
  nextAt: z.number().optional(),
  hold: z.boolean().optional(),
});

function taskOf(row: Row | undefined): Task | undefined {
  if (!row) return undefined;
  const { channelType, platformId, threadId, content, sender, ...rest } = row;
  const address = { channelType, platformId, threadId };
  const parsed = contentSchema.parse(JSON.parse(content)) as TaskContent;
  return { ...rest, address, content: parsed, behind: parseBehind(sender) };
}

export function getTask(db: InboundDb, id: string): Task | undefined {
  return taskOf(sql(db).byId.get(id));
}

/** The run of a series that is still to come, under way, or paused. */
export function openTask(db: InboundDb, seriesId: string): Task | undefined {
  return taskOf(sql(db).ofSeries.get(seriesId));
}

/** Was there ever a task of this name? */
export function seriesKnown(db: InboundDb, seriesId: string): boolean {
  return sql(db).known.get(seriesId) !== undefined;
}

/** The latest slot of a series that is behind it, epoch milliseconds. */
export function lastSlotOf(db: InboundDb, seriesId: string): number | null {
  return sql(db).lastSlot.get(seriesId) ?? null;
}

export function countOpenTasks(db: InboundDb): number {
  return sql(db).count.get() ?? 0;
}

/** Tasks that run at some time without anybody's doing: paused ones are none. */
export function countActiveTasks(db: InboundDb): number {
  return sql(db).active.get() ?? 0;
}

/** Every task that is still to come, under way, or paused, oldest first. */
export function openTasks(db: InboundDb): Task[] {
  return sql(db)
    .open.all()
    .flatMap((row) => taskOf(row) ?? []);
}

/** Recurring tasks whose slot lies before a moment, oldest first. */
export function recurringBefore(db: InboundDb, before: number): Task[] {
  return sql(db)
    .overdue.all(before)
    .flatMap((row) => taskOf(row) ?? []);
}

/** Writes what can change of a task. */
export function changeTask(db: InboundDb, task: Task): void {
  const { status, processAfter, recurrence, content, behind, id } = task;
  const json = [JSON.stringify(content), JSON.stringify(behind)] as const;
  sql(db).change.run(status, processAfter, recurrence, ...json, id);
}
