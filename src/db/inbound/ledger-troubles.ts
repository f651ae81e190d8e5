import type { Address } from '../../address.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/** A delivery that is not going well, for `/again`, `/status` and the step `deliveries`. */
export interface TroubledDelivery {
  key: string;
  part: number;
  state: 'unknown' | 'dead' | 'late';
  to: Address;
  attempts: number;
  /** Null: settled, nothing more happens by itself. */
  nextAttemptAt: number | null;
  lastError: string | null;
  createdAt: number;
}

interface Row {
  key: string;
  part: number;
  state: 'unknown' | 'dead' | 'late';
  attempts: number;
  next_attempt_at: number | null;
  last_error: string | null;
  channel_type: string;
  platform_id: string;
  thread_id: string;
  created_at: number;
}

/** Error classes of what no retry can mend: refused by us, or given up by a person. */
export const REFUSED = 'refused';
export const DISCARDED = 'discarded';

const RETRYABLE = `state IN ('unknown','dead') AND next_attempt_at IS NULL
  AND ifnull(error_class,'') NOT IN ('${REFUSED}','${DISCARDED}')`;

const statements = perHandle((db) => ({
  troubled: db.prepare<[number, number], Row>(
    `SELECT key, part, state, attempts, next_attempt_at, last_error, channel_type, platform_id, thread_id, created_at
     FROM (SELECT * FROM delivered WHERE state IN ('unknown','dead') AND next_attempt_at IS NULL
             AND ifnull(error_class,'') <> '${DISCARDED}'
           UNION ALL
           SELECT key, part, seq, 'late', attempts, next_attempt_at, doubt_since, error_class, last_error,
             channel_type, platform_id, thread_id, platform_message_id, created_at, updated_at
           FROM delivered WHERE next_attempt_at IS NOT NULL AND error_class IS NOT NULL AND created_at <= ?)
     ORDER BY seq, part LIMIT ?`,
  ),
  inChat: db.prepare<[string, string, string, number, number], { key: string; part: number }>(
    `SELECT key, part FROM (
       SELECT key, part, seq FROM delivered
       WHERE ${RETRYABLE} AND key LIKE 'out:%' AND channel_type = ? AND platform_id = ? AND thread_id = ?
         AND updated_at >= ?
       ORDER BY seq DESC, part DESC LIMIT ?)
     ORDER BY seq, part`,
  ),
  parts: db.prepare<[string], { part: number }>(
    `SELECT part FROM delivered WHERE ${RETRYABLE} AND key = ? ORDER BY part`,
  ),
  reopen: db.prepare<[number, number, number, string, number]>(
    `UPDATE delivered SET state = 'failed', attempts = 0, next_attempt_at = ?, doubt_since = NULL,
       error_class = NULL, last_error = NULL, created_at = ?, updated_at = ?
     WHERE ${RETRYABLE} AND key = ? AND part = ?`,
  ),
  discard: db.prepare<[number, string]>(
    `UPDATE delivered SET state = 'dead', error_class = '${DISCARDED}', updated_at = ?
     WHERE state IN ('unknown','dead') AND next_attempt_at IS NULL AND key = ?`,
  ),
}));

/** Dead, unknown and late (tried in vain, first due at or before `lateBefore`) deliveries, oldest first. */
export function listTroubled(db: InboundDb, lateBefore: number, limit: number): TroubledDelivery[] {
  return statements(db)
    .troubled.all(lateBefore, limit)
    .map((row) => ({
      key: row.key,
      part: row.part,
      state: row.state,
      to: { channelType: row.channel_type, platformId: row.platform_id, threadId: row.thread_id },
      attempts: row.attempts,
      nextAttemptAt: row.next_attempt_at,
      lastError: row.last_error,
      createdAt: row.created_at,
    }));
}

/** The newest messages of a chat and thread that may not have arrived, oldest of them first. */
export function listRetryable(
  db: InboundDb,
  to: Address,
  bounds: { since: number; limit: number },
): { key: string; part: number }[] {
  return statements(db).inChat.all(to.channelType, to.platformId, to.threadId, bounds.since, bounds.limit);
}

/** The parts of one message that a retry would send. */
export function retryableParts(db: InboundDb, key: string): number[] {
  return statements(db)
    .parts.all(key)
    .map((row) => row.part);
}

/** Opens a part again as if it had never been tried. False where there is nothing to open. */
export function reopenDelivery(db: InboundDb, at: { key: string; part: number }, now: number): boolean {
  return statements(db).reopen.run(now, now, now, at.key, at.part).changes > 0;
}

/** Takes a message off the list; nothing is sent. Returns how many parts it had there. */
export function discardDelivery(db: InboundDb, key: string, now: number): number {
  return statements(db).discard.run(now, key).changes;
}
