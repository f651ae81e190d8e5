import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

/** Why a message went no further. */
export type DropReason =
  | 'unwired'
  /** A pin, a join, a command for another bot: nobody is to hear it. */
  | 'service'
  /** Of a message that no agent has, or whose words are the same as before. */
  | 'unchanged'
  | 'not-engaged'
  | 'refused-sender'
  | 'blocked-sender'
  | 'too-frequent'
  | 'bot-ignored'
  | 'bot-loop'
  | 'session-corrupt'
  | 'session-stuck'
  | 'set-aside'
  | 'bad-wiring';

export interface DroppedCount {
  channelType: string;
  platformId: string;
  reason: string;
  /** UTC, `2026-01-31`. */
  day: string;
  count: number;
}

interface Row {
  channel_type: string;
  platform_id: string;
  reason: string;
  day: string;
  count: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 30;
const KEPT_ROWS = 5_000;

const statements = perHandle((db) => ({
  add: db.prepare<[string, string, string, string], { count: number }>(
    `INSERT INTO dropped_messages (channel_type, platform_id, reason, day, count) VALUES (?, ?, ?, ?, 1)
     ON CONFLICT (channel_type, platform_id, reason, day) DO UPDATE SET count = count + 1 RETURNING count`,
  ),
  warnedAt: db.prepare<[string, string, string], { at: number | null }>(
    `SELECT max(warned_at) AS at FROM dropped_messages
     WHERE channel_type = ? AND platform_id = ? AND reason = ?`,
  ),
  markWarned: db.prepare<[number, string, string, string, string]>(
    `UPDATE dropped_messages SET warned_at = ?
     WHERE channel_type = ? AND platform_id = ? AND reason = ? AND day = ?`,
  ),
  since: db.prepare<[string], Row>(
    `SELECT channel_type, platform_id, reason, day, count FROM dropped_messages
     WHERE day >= ? ORDER BY day, channel_type, platform_id, reason`,
  ),
  purgeOld: db.prepare<[string]>('DELETE FROM dropped_messages WHERE day < ?'),
  purgeMany: db.prepare<[number]>(
    'DELETE FROM dropped_messages WHERE rowid <= (SELECT max(rowid) FROM dropped_messages) - ?',
  ),
}));

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

/** Counts one dropped message. The table keeps 30 days and 5000 rows, whatever strangers send. */
export function countDropped(
  db: CentralDb,
  chat: { channelType: string; platformId: string },
  reason: DropReason,
  now: number,
): void {
  const row = statements(db).add.get(chat.channelType, chat.platformId, reason, dayOf(now));
  if (row?.count !== 1) return;
  statements(db).purgeOld.run(dayOf(now - KEPT_DAYS * DAY_MS));
  statements(db).purgeMany.run(KEPT_ROWS);
}

/** True at most once every `everyMs` for a chat and reason that was counted today: it is time to warn. */
export function claimDropWarning(
  db: CentralDb,
  chat: { channelType: string; platformId: string },
  reason: DropReason,
  now: number,
  everyMs: number,
): boolean {
  const last = statements(db).warnedAt.get(chat.channelType, chat.platformId, reason)?.at ?? null;
  // A wall clock that was set back must not silence the warning until it has caught up.
  if (last !== null && last <= now && now - last < everyMs) return false;
  statements(db).markWarned.run(now, chat.channelType, chat.platformId, reason, dayOf(now));
  return true;
}

/** Counters of the days from `since` (epoch milliseconds) on. */
export function listDropped(db: CentralDb, since: number): DroppedCount[] {
  return statements(db)
    .since.all(dayOf(since))
    .map((row) => ({
      channelType: row.channel_type,
      platformId: row.platform_id,
      reason: row.reason,
      day: row.day,
      count: row.count,
    }));
}
