import { z } from 'zod';
import type { TaskContent } from './content.js';
import type { InboundDb } from './inbound.js';
import type { MessageStatus } from './messages-in.js';
import { perHandle } from './per-handle.js';
import type { Address } from './types.js';

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
  createdAt: number;
}

interface Row extends Omit<Task, 'address' | 'content'>, Address {
  content: string;
}

const SELECT = `SELECT id, ifnull(series_id, id) AS seriesId, status, process_after AS processAfter, recurrence,
  channel_type AS channelType, platform_id AS platformId, thread_id AS threadId, content, created_at AS createdAt
  FROM messages_in`;
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
  overdue: db.prepare<[number], Row>(
    `${SELECT} WHERE status = 'pending' AND kind = 'task' AND recurrence IS NOT NULL AND process_after < ? ORDER BY seq`,
  ),
  change: db.prepare<[MessageStatus, number | null, string | null, string, string]>(
    'UPDATE messages_in SET status = ?, process_after = ?, recurrence = ?, content = ? WHERE id = ?',
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
  const { channelType, platformId, threadId, content, ...rest } = row;
  const address = { channelType, platformId, threadId };
  return { ...rest, address, content: contentSchema.parse(JSON.parse(content)) as TaskContent };
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

/** Recurring tasks whose slot lies before a moment, oldest first. */
export function recurringBefore(db: InboundDb, before: number): Task[] {
  return sql(db)
    .overdue.all(before)
    .flatMap((row) => taskOf(row) ?? []);
}

/** Writes what can change of a task. */
export function changeTask(db: InboundDb, task: Task): void {
  const { status, processAfter, recurrence, content, id } = task;
  sql(db).change.run(status, processAfter, recurrence, JSON.stringify(content), id);
}
