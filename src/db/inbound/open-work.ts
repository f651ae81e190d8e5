import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';
import type { OpenMessage } from './message-status.js';

const TRIED = 'tried_message';

const sql = perHandle((db) => ({
  oldest: db.prepare<[number, number], OpenMessage>(
    `SELECT id, seq, kind, channel_type AS channelType, platform_id AS platformId, thread_id AS threadId
     FROM messages_in WHERE status = 'pending' AND trigger = 1 AND ifnull(process_after, 0) <= ?
     ORDER BY seq LIMIT ?`,
  ),
  lastPerson: db
    .prepare<[], number>(
      "SELECT created_at FROM messages_in WHERE kind IN ('chat', 'task') AND trigger = 1 ORDER BY seq DESC LIMIT 1",
    )
    .pluck(),
  getTried: db.prepare<[string], string>('SELECT value FROM host_state WHERE key = ?').pluck(),
  setTried: db.prepare<[string, string]>(
    'INSERT INTO host_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ),
}));

/** The messages that a container of the session works on first, at most `limit` (db/message-status.ts has them all). */
export function oldestOpen(db: InboundDb, now: number, limit: number): OpenMessage[] {
  return sql(db).oldest.all(now, limit);
}

/** When somebody, or a task, last had work for the agent, epoch milliseconds. */
export function lastPersonAt(db: InboundDb): number | undefined {
  return sql(db).lastPerson.get();
}

/** The message that the tries in `sessions.tries` were counted for. */
export function triedMessage(db: InboundDb): string | undefined {
  return sql(db).getTried.get(TRIED);
}

export function setTriedMessage(db: InboundDb, messageId: string): void {
  sql(db).setTried.run(TRIED, messageId);
}
