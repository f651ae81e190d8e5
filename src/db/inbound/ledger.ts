import type { Address } from '../../address.js';
import { CLOCK_STEP_MS } from '../../clock.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/**
 * The delivery ledger (`delivered` of inbound.db). A message that is not settled has exactly one open row, its
 * present part, whose `nextAttemptAt` is set; a settled message has none. So what is open is known without
 * opening what the container wrote, and the earliest `next_attempt_at` is when delivery is next due. (Only
 * `/again` may open several parts of one message together.)
 */
export type DeliveryState = 'sending' | 'sent' | 'failed' | 'unknown' | 'dead';

/** An open row. */
export interface OpenDelivery {
  /** `out:<id>` or `notice:<id>`. */
  key: string;
  /** Counted from 0; how many there are follows from the content. */
  part: number;
  seq: number;
  to: Address;
  state: 'sending' | 'failed' | 'unknown';
  /** Tries that failed with the present `errorClass`. */
  attempts: number;
  nextAttemptAt: number;
  /** When the first attempt left that may have arrived; null: nothing of this part can have arrived. */
  doubtSince: number | null;
  /** Null: recorded and not tried yet. */
  errorClass: string | null;
  lastError: string | null;
  /** When the message was first due. */
  createdAt: number;
}

/** How an attempt (or the wait for one) changes an open row. */
export interface Transition {
  state: DeliveryState;
  attempts: number;
  /** Null settles the part. */
  nextAttemptAt: number | null;
  doubtSince: number | null;
  errorClass: string | null;
  lastError: string | null;
}

/** A part that comes into the ledger: open, or settled at once. */
export type NewDelivery = Omit<OpenDelivery, 'state' | 'attempts' | 'nextAttemptAt'> & {
  state: DeliveryState;
  nextAttemptAt: number | null;
};

interface Row {
  key: string;
  part: number;
  seq: number;
  state: 'sending' | 'failed' | 'unknown';
  attempts: number;
  next_attempt_at: number;
  doubt_since: number | null;
  error_class: string | null;
  last_error: string | null;
  channel_type: string;
  platform_id: string;
  thread_id: string;
  created_at: number;
}

type Bound = Record<string, string | number | null>;

/** Further platform ids of a part are kept as rows of their own, so that a reply to any of them is understood. */
const EXTRA_IDS_FROM = 1000;

/**
 * Open rows whose wait was reckoned by a clock that has been set back since; with the parameters `now` and `future`. A
 * message that the agent wrote for a time of its own keeps that time; what is under way is judged by itself.
 */
export const SET_BY_A_LATER_CLOCK = `next_attempt_at > :now AND updated_at > :future AND state <> 'sending'
  AND (error_class IS NOT NULL OR next_attempt_at <= updated_at)`;

/** Left to itself SQLite goes through all that was ever said, for the order's sake. */
export const MISDATED = `SELECT * FROM delivered INDEXED BY delivered_due WHERE ${SET_BY_A_LATER_CLOCK} ORDER BY seq, rowid`;

const statements = perHandle((db) => ({
  insert: db.prepare<Bound>(
    `INSERT INTO delivered (key, part, seq, state, attempts, next_attempt_at, doubt_since, error_class, last_error,
       channel_type, platform_id, thread_id, created_at, updated_at)
     VALUES (:key, :part, :seq, :state, 0, :nextAttemptAt, :doubtSince, :errorClass, :lastError,
       :channelType, :platformId, :threadId, :createdAt, :now)
     ON CONFLICT (key, part) DO NOTHING`,
  ),
  change: db.prepare<Bound>(
    `UPDATE delivered SET state = :state, attempts = :attempts, next_attempt_at = :nextAttemptAt,
       doubt_since = :doubtSince, error_class = :errorClass, last_error = :lastError, updated_at = :now
     WHERE key = :key AND part = :part`,
  ),
  said: db.prepare<[string, string, number]>(
    'UPDATE delivered SET platform_message_id = ? WHERE key = ? AND part = ?',
  ),
  alsoSaid: db.prepare<[number, string, string, number]>(
    `INSERT OR REPLACE INTO delivered (key, part, seq, state, platform_message_id, channel_type, platform_id,
       thread_id, created_at, updated_at)
     SELECT key, ?, seq, 'sent', ?, channel_type, platform_id, thread_id, created_at, updated_at
     FROM delivered WHERE key = ? AND part = ?`,
  ),
  openOne: db.prepare<[string, number], Row>(
    'SELECT * FROM delivered WHERE key = ? AND part = ? AND next_attempt_at IS NOT NULL',
  ),
  open: db.prepare<[], Row>('SELECT * FROM delivered WHERE next_attempt_at IS NOT NULL ORDER BY seq, rowid'),
  misdated: db.prepare<{ now: number; future: number }, Row>(MISDATED),
}));

function toOpen(row: Row): OpenDelivery {
  return {
    key: row.key,
    part: row.part,
    seq: row.seq,
    to: { channelType: row.channel_type, platformId: row.platform_id, threadId: row.thread_id },
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: row.next_attempt_at,
    doubtSince: row.doubt_since,
    errorClass: row.error_class,
    lastError: row.last_error,
    createdAt: row.created_at,
  };
}

/** False where this part is in the ledger already: the container used an id twice. */
export function insertDelivery(db: InboundDb, delivery: NewDelivery, now: number): boolean {
  const { key, part, seq, state, nextAttemptAt, doubtSince, errorClass, lastError, createdAt, to } = delivery;
  const { channelType, platformId, threadId } = to;
  const values = { key, part, seq, state, nextAttemptAt, doubtSince, errorClass, lastError, createdAt };
  return statements(db).insert.run({ ...values, channelType, platformId, threadId, now }).changes > 0;
}

export function changeDelivery(
  db: InboundDb,
  { key, part }: { key: string; part: number },
  change: Transition,
  now: number,
): void {
  const { state, attempts, nextAttemptAt, doubtSince, errorClass, lastError } = change;
  const values = { state, attempts, nextAttemptAt, doubtSince, errorClass, lastError };
  statements(db).change.run({ key, part, ...values, now });
}

/** Keeps what the platform calls this part: for edits, reactions and replies to it. */
export function recordPlatformIds(
  db: InboundDb,
  at: { key: string; part: number },
  messageIds: readonly string[],
): void {
  const [first, ...others] = messageIds;
  if (first === undefined) return;
  statements(db).said.run(first, at.key, at.part);
  for (const [index, id] of others.entries()) {
    statements(db).alsoSaid.run(at.part + EXTRA_IDS_FROM * (index + 1), id, at.key, at.part);
  }
}

/** One part, if it is open. */
export function getOpen(db: InboundDb, key: string, part: number): OpenDelivery | undefined {
  const row = statements(db).openOne.get(key, part);
  return row && toOpen(row);
}

/** Everything that is not settled, oldest first. */
export function listOpen(db: InboundDb): OpenDelivery[] {
  return statements(db).open.all().map(toOpen);
}

/** What would wait for a time that a clock told which has been set back since: due now instead. */
export function listMisdated(db: InboundDb, now: number): OpenDelivery[] {
  const rows = statements(db).misdated.all({ now, future: now + CLOCK_STEP_MS });
  return rows.map((row) => ({ ...toOpen(row), nextAttemptAt: now }));
}
