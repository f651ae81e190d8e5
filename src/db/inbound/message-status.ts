import { type Address, sameThread } from '../../address.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/** A pending message that wakes the agent. */
export interface OpenMessage extends Address {
  id: string;
  seq: number;
  kind: 'chat' | 'task' | 'system';
}

const OPEN = `SELECT id, seq, kind, channel_type AS channelType, platform_id AS platformId, thread_id AS threadId
  FROM messages_in WHERE status = 'pending' AND trigger = 1 AND ifnull(process_after, 0) <= ?`;

// The plus signs keep SQLite from going through all that was ever said in the chat.
export const CONTEXT_OF_CHAT = `status = 'pending' AND trigger = 0 AND kind = 'chat'
  AND +channel_type = @channelType AND +platform_id = @platformId`;

const sql = perHandle((db) => ({
  open: db.prepare<[number], OpenMessage>(`${OPEN} ORDER BY seq`),
  any: db.prepare<[number], OpenMessage>(`${OPEN} LIMIT 1`),
  stoppable: db.prepare<[number], OpenMessage>(
    `${OPEN} AND NOT (kind = 'system' AND json_extract(content, '$.type') = 'new_conversation') ORDER BY seq`,
  ),
  since: db.prepare<[number], { since: number | null }>(
    `SELECT min(max(created_at, ifnull(process_after, 0))) AS since
     FROM messages_in WHERE status = 'pending' AND trigger = 1 AND ifnull(process_after, 0) <= ?`,
  ),
  // Where a later one was answered, whatever it was is over.
  gaveUp: db.prepare<[number], { count: number; open: number }>(
    `SELECT count(*) AS count, ifnull(sum(seq > (
         SELECT ifnull(max(seq), 0) FROM messages_in WHERE status = 'done' AND trigger = 1 AND kind <> 'system')), 0) AS open
     FROM messages_in
     WHERE status = 'failed' AND trigger = 1 AND kind = 'chat' AND channel_type <> 'cli' AND created_at >= ?`,
  ),
  settle: db.prepare<['done' | 'failed' | 'cancelled', string]>(
    "UPDATE messages_in SET status = ? WHERE id = ? AND status = 'pending'",
  ),
  trimContext: db.prepare<[{ channelType: string; platformId: string; keep: number }]>(
    // Not 'cancelled': that ends a turn which has claimed it.
    `UPDATE messages_in SET status = 'failed' WHERE ${CONTEXT_OF_CHAT}
       AND seq <= (SELECT seq FROM messages_in WHERE ${CONTEXT_OF_CHAT} ORDER BY seq DESC LIMIT 1 OFFSET @keep)`,
  ),
}));

/** Pending messages that wake the agent and whose time has come, oldest first. */
export function openMessages(db: InboundDb, now: number): OpenMessage[] {
  return sql(db).open.all(now);
}

export function hasOpenWork(db: InboundDb, now: number): boolean {
  return sql(db).any.get(now) !== undefined;
}

/** Since when the oldest of them has been due; null: there is none. */
export function openSince(db: InboundDb, now: number): number | null {
  return sql(db).since.get(now)?.since ?? null;
}

/** Messages that were given up since then, and those of them after which nothing was answered any more. */
export function givenUp(db: InboundDb, since: number): { count: number; open: number } {
  return sql(db).gaveUp.get(since) ?? { count: 0, open: 0 };
}

/** Ends one pending message; false if it was not pending any more. */
export function settleMessage(db: InboundDb, id: string, status: 'done' | 'failed' | 'cancelled'): boolean {
  return sql(db).settle.run(status, id).changes > 0;
}

/** Ends pending messages as failed; gives the ids of those that were pending. */
export function failMessages(db: InboundDb, ids: readonly string[]): string[] {
  return ids.filter((id) => settleMessage(db, id, 'failed'));
}

/**
 * `/stop`: cancels the open messages (trigger 1, due at `now`) of one chat and thread, or of the whole session where
 * `address` is null. Gives what was cancelled. A `/new` stays: whoever said it was told that it is done.
 */
export function cancelOpen(db: InboundDb, now: number, address: Address | null): OpenMessage[] {
  const there = (message: OpenMessage) => address === null || sameThread(message, address);
  return sql(db)
    .stoppable.all(now)
    .filter(there)
    .filter((message) => settleMessage(db, message.id, 'cancelled'));
}

/**
 * Keeps the newest `keep` silent context rows of a chat, so that an ignored chat does not pile up; gives how many went.
 * They end as failed: so the runner tells them from what it has shown.
 */
export function trimContext(
  db: InboundDb,
  chat: { channelType: string; platformId: string },
  keep = 50,
): number {
  return sql(db).trimContext.run({ channelType: chat.channelType, platformId: chat.platformId, keep })
    .changes;
}
