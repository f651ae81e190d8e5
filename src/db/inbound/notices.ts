import type { Address } from '../../address.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';
import { insertDelivery, type OpenDelivery } from './ledger.js';

/** Something that the host itself has to say in a conversation. */
export interface Notice {
  id: string;
  to: Address;
  text: string;
  /** Its place in the order: after the agent's message with this `seq`. */
  afterSeq: number;
  dedupeKey: DedupeKey;
}

/** The same key is said once, ever; an hourly one again when an hour has gone by; null: no such bound. */
export type DedupeKey = string | { hourly: string } | null;

const HOUR_MS = 3_600_000;

type Bound = Record<string, string | number | null>;

const statements = perHandle((db) => ({
  insert: db.prepare<Bound>(
    `INSERT INTO notices (id, after_seq, channel_type, platform_id, thread_id, text, dedupe_key, created_at)
     VALUES (:id, :afterSeq, :channelType, :platformId, :threadId, :text, :dedupeKey, :now)
     ON CONFLICT (dedupe_key) DO NOTHING`,
  ),
  waiting: db.prepare<Bound, { id: string }>(
    `SELECT id FROM notices WHERE settled = 0 AND channel_type = :channelType AND platform_id = :platformId
       AND thread_id = :threadId AND text = :text LIMIT 1`,
  ),
  // Hourly keys end with their time. The first line is for the index: an exclamation mark is what follows a blank.
  lately: db.prepare<Bound, { id: string }>(
    `SELECT id FROM notices WHERE dedupe_key > :hourly || ' ' AND dedupe_key < :hourly || '!'
       AND dedupe_key = :hourly || ' ' || created_at AND created_at > :since AND created_at <= :now LIMIT 1`,
  ),
  known: db.prepare<[string], { id: string }>('SELECT id FROM notices WHERE dedupe_key = ?'),
  text: db.prepare<[string], { text: string }>('SELECT text FROM notices WHERE id = ?'),
  settle: db.prepare<[string]>('UPDATE notices SET settled = 1 WHERE id = ?'),
  open: db.prepare<[], { id: string }>('SELECT id FROM notices WHERE settled = 0 ORDER BY created_at'),
  remove: db.prepare<[string]>('DELETE FROM notices WHERE id = ?'),
  removeDelivery: db.prepare<[string]>('DELETE FROM delivered WHERE key = ?'),
}));

/**
 * Puts a notice into the ledger of what is to be said. Null where its dedupe key was used already, or where the same
 * sentence still waits to be said there.
 */
export function insertNotice(db: InboundDb, notice: Notice, now: number): OpenDelivery | null {
  const { to, dedupeKey: asked, ...rest } = notice;
  if (statements(db).waiting.get({ ...to, text: notice.text })) return null;
  const isHourly = typeof asked === 'object' && asked !== null;
  if (isHourly && statements(db).lately.get({ ...asked, since: now - HOUR_MS, now })) return null;
  const dedupeKey = isHourly ? `${asked.hourly} ${now}` : asked;
  if (statements(db).insert.run({ ...rest, ...to, dedupeKey, now }).changes === 0) return null;
  const entry: OpenDelivery = {
    key: noticeKey(notice.id),
    part: 0,
    seq: notice.afterSeq,
    to,
    state: 'failed',
    attempts: 0,
    nextAttemptAt: now,
    doubtSince: null,
    errorClass: null,
    lastError: null,
    createdAt: now,
  };
  insertDelivery(db, entry, now);
  return entry;
}

const PREFIX = 'notice:';
const noticeKey = (id: string) => `${PREFIX}${id}`;

/** The notice that a ledger key stands for; null: it is the agent's own message. */
export function noticeOf(key: string): string | null {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : null;
}

/** Notices that nothing was done about yet, with those that are on their way. */
export function openNoticeKeys(db: InboundDb): string[] {
  return statements(db)
    .open.all()
    .map((row) => noticeKey(row.id));
}

/** Was something with this key ever to be said? */
export function noticeKnown(db: InboundDb, dedupeKey: string): boolean {
  return statements(db).known.get(dedupeKey) !== undefined;
}

export function noticeText(db: InboundDb, id: string): string | undefined {
  return statements(db).text.get(id)?.text;
}

/** Nothing more happens with it: it was said, or given up. */
export function settleNotice(db: InboundDb, id: string): void {
  statements(db).settle.run(id);
}

/** Takes back what was surely not said. */
export function withdrawNotice(db: InboundDb, id: string): void {
  statements(db).remove.run(id);
  statements(db).removeDelivery.run(noticeKey(id));
}
