import { z } from 'zod';
import { type InboundContent, parseContent } from '../content.ts';
import type { SqliteDb, SqlValue } from './driver.ts';

/** Where something is said: a chat of a channel and a thread in it (`''`: none). */
export interface Address {
  channelType: string;
  platformId: string;
  threadId: string;
}

export interface InboundMessage {
  id: string;
  /** Even: what the agent calls the message. */
  seq: number;
  trigger: boolean;
  seriesId: string | null;
  address: Address;
  createdAt: number;
  body: InboundContent;
}

const rowSchema = z.object({
  id: z.string(),
  seq: z.number(),
  kind: z.enum(['chat', 'task', 'system']),
  trigger: z.number(),
  series_id: z.string().nullable(),
  channel_type: z.string(),
  platform_id: z.string(),
  thread_id: z.string(),
  sender: z.string(),
  content: z.string(),
  created_at: z.number(),
});

function toMessage(row: unknown): InboundMessage {
  const value = rowSchema.parse(row);
  return {
    id: value.id,
    seq: value.seq,
    trigger: value.trigger === 1,
    seriesId: value.series_id,
    address: { channelType: value.channel_type, platformId: value.platform_id, threadId: value.thread_id },
    createdAt: value.created_at,
    body: parseContent(value.kind, value.content, value.sender),
  };
}

const COLUMNS = `id, seq, kind, trigger, series_id, channel_type, platform_id, thread_id, sender, content, created_at`;
/** Parameters: ids that are acknowledged already (JSON array), now. */
const OPEN = `status = 'pending' AND id NOT IN (SELECT value FROM json_each(?)) AND ifnull(process_after, 0) <= ?`;
// The plus signs keep SQLite from going through all that was ever said in the chat: what is open is the shorter list.
const HERE = `+channel_type = ? AND +platform_id = ? AND thread_id = ?`;
const NEW_CONVERSATION = `kind = 'system' AND trigger = 1 AND json_valid(content)
  AND json_extract(content, '$.type') = 'new_conversation'`;

const BATCH = 20;
const CONTEXT = 50;
const STALE_CONTEXT = 500;

export const SQL = {
  head: `SELECT ${COLUMNS} FROM messages_in WHERE ${OPEN} AND trigger = 1 ORDER BY seq LIMIT 1`,
  barrier: `SELECT min(seq) AS seq FROM messages_in WHERE ${OPEN} AND ${NEW_CONVERSATION}`,
  batch: `SELECT ${COLUMNS} FROM messages_in WHERE ${OPEN} AND trigger = 1 AND kind <> 'task' AND ${HERE}
    AND seq < ? ORDER BY seq LIMIT ${BATCH}`,
  context: `SELECT ${COLUMNS} FROM messages_in WHERE ${OPEN} AND trigger = 0 AND kind = 'chat' AND ${HERE}
    AND seq < ? ORDER BY seq DESC LIMIT ${CONTEXT}`,
  staleContext: `SELECT id FROM messages_in WHERE ${OPEN} AND trigger = 0 AND kind = 'chat' AND ${HERE}
    AND seq < ? ORDER BY seq LIMIT ${STALE_CONTEXT}`,
  news: `SELECT ${COLUMNS} FROM messages_in WHERE ${OPEN} AND trigger = 0 AND kind = 'system' ORDER BY seq
    LIMIT ${BATCH}`,
  byIds: `SELECT ${COLUMNS} FROM messages_in WHERE status = 'pending' AND id IN (SELECT value FROM json_each(?))
    ORDER BY seq`,
  withStatus: `SELECT id FROM messages_in WHERE status = ? AND id IN (SELECT value FROM json_each(?))`,
  seqOf: `SELECT seq FROM messages_in WHERE channel_type = ? AND platform_id = ? AND platform_message_id = ?`,
  answered: `SELECT seq, status, trigger, kind, sender, content FROM messages_in
    WHERE channel_type = ? AND platform_id = ? AND platform_message_id = ?`,
  newBetween: `SELECT seq FROM messages_in WHERE seq > ? AND (seq < ? OR status = 'done') AND ${NEW_CONVERSATION} LIMIT 1`,
  addressOf: `SELECT channel_type, platform_id, thread_id FROM messages_in WHERE seq = ? AND channel_type <> ''`,
  deliveredKeys: `SELECT key FROM delivered WHERE platform_message_id = ? LIMIT 20`,
  destinations: 'SELECT name, channel_type, platform_id FROM destinations ORDER BY name',
  routing: 'SELECT channel_type, platform_id, thread_id FROM session_routing WHERE only = 1',
  tasks: `SELECT id, series_id, status, process_after, recurrence, content FROM messages_in
    WHERE kind = 'task' AND status IN ('pending', 'paused') ORDER BY seq LIMIT 100`,
};

export type Sql = keyof typeof SQL;

/** Rows of a named statement of the host's file; each statement is prepared once. */
export interface Inbound {
  messages(name: 'head' | 'batch' | 'context' | 'news' | 'byIds', ...values: SqlValue[]): InboundMessage[];
  rows<T>(name: Sql, schema: z.ZodType<T>, ...values: SqlValue[]): T[];
}

export function createInbound(db: SqliteDb): Inbound {
  const prepared = new Map<Sql, ReturnType<SqliteDb['prepare']>>();
  const statement = (name: Sql) => {
    const known = prepared.get(name) ?? db.prepare(SQL[name]);
    prepared.set(name, known);
    return known;
  };
  return {
    messages: (name, ...values) =>
      statement(name)
        .all(...values)
        .map(toMessage),
    rows: (name, schema, ...values) =>
      statement(name)
        .all(...values)
        .map((row) => schema.parse(row)),
  };
}
