import { newId } from '../../ids.js';
import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

/** A message that could not be taken in, as it is looked for again. An empty `platformId`: its chat is not known. */
export interface MessageKey {
  channelType: string;
  platformId: string;
  platformMessageId: string;
}

/** `packet`: its channel could not read it · `event`: the router could not take it in. */
export type FailedStage = 'packet' | 'event';

export interface FailedMessage extends MessageKey {
  threadId: string;
  senderId: string | null;
  /** Its sender has no role here. */
  stranger: boolean;
  stage: FailedStage;
  /** JSON, to try it again; null: it was too large, or means nothing a while later. */
  packet: string | null;
  reason: string;
  /** When the platform says that it was written, epoch milliseconds. */
  saidAt: number | null;
}

export interface SetAside extends FailedMessage {
  id: string;
  failures: number;
  createdAt: number;
  /** Null: it is still tried. */
  setAsideAt: number | null;
  /** When the operator asked to try it again; null: nobody did, or it was tried. */
  retryAt: number | null;
}

interface Row extends Omit<SetAside, 'stranger'> {
  stranger: 0 | 1;
}

/** Kept rows; what a stranger writes goes before what others wrote. */
export const SET_ASIDE_LIMITS = { total: 500, maxAgeMs: 90 * 86_400_000 } as const;

const COLUMNS = `id, channel_type AS channelType, platform_id AS platformId,
  platform_message_id AS platformMessageId, thread_id AS threadId, sender_id AS senderId, stranger, stage, packet,
  reason, failures, said_at AS saidAt, created_at AS createdAt, set_aside_at AS setAsideAt, retry_at AS retryAt`;
const SELECT = `SELECT ${COLUMNS} FROM set_aside`;
const LISTED = 'set_aside_at IS NOT NULL AND discarded_at IS NULL';
type Bound = Record<string, string | number | null>;

const sql = perHandle((db) => ({
  count: db.prepare<[Bound], Row>(
    `INSERT INTO set_aside (id, channel_type, platform_id, platform_message_id, thread_id, sender_id, stranger, stage,
       packet, reason, failures, said_at, created_at)
     VALUES (@id, @channelType, @platformId, @platformMessageId, @threadId, @senderId, @stranger, @stage, @packet,
       @reason, 1, @saidAt, @now)
     ON CONFLICT (channel_type, platform_id, platform_message_id)
     DO UPDATE SET failures = failures + 1, reason = excluded.reason, stage = excluded.stage,
       packet = CASE WHEN discarded_at IS NULL THEN excluded.packet END
     RETURNING ${COLUMNS}`,
  ),
  setAside: db.prepare<[number, 'due' | 'none', string]>(
    'UPDATE set_aside SET set_aside_at = ?, word = ? WHERE id = ? AND set_aside_at IS NULL',
  ),
  purge: db.prepare<[number]>('DELETE FROM set_aside WHERE created_at <= ?'),
  // Never the one that was just counted: its count would begin anew for ever.
  trim: db.prepare<[string, number]>(
    `DELETE FROM set_aside WHERE rowid IN (
       SELECT rowid FROM set_aside WHERE id <> ?
       ORDER BY discarded_at IS NULL DESC, stranger, rowid DESC LIMIT -1 OFFSET ?)`,
  ),
  remove: db.prepare<[string, string, string]>(
    'DELETE FROM set_aside WHERE channel_type = ? AND platform_id = ? AND platform_message_id = ?',
  ),
  keys: db.prepare<[], MessageKey>(
    `SELECT channel_type AS channelType, platform_id AS platformId, platform_message_id AS platformMessageId
     FROM set_aside`,
  ),
  listed: db.prepare<[], Row>(`${SELECT} WHERE ${LISTED} ORDER BY set_aside_at, rowid`),
  find: db.prepare<[string], Row>(`${SELECT} WHERE id = ? AND ${LISTED}`),
  wordsDue: db.prepare<[], Row>(`${SELECT} WHERE word = 'due' AND discarded_at IS NULL ORDER BY rowid`),
  wordsSince: db.prepare<[string, string, number, string], { said: number }>(
    'SELECT count(*) AS said FROM set_aside WHERE channel_type = ? AND platform_id = ? AND told_at > ? AND id <> ?',
  ),
  claimWord: db.prepare<[number, string]>('UPDATE set_aside SET told_at = ? WHERE id = ?'),
  settleWord: db.prepare<['none' | 'said', string]>('UPDATE set_aside SET word = ? WHERE id = ?'),
  askRetry: db.prepare<[number, string]>(`UPDATE set_aside SET retry_at = ? WHERE id = ? AND ${LISTED}`),
  retryDone: db.prepare<[string]>('UPDATE set_aside SET retry_at = NULL WHERE id = ?'),
  retries: db.prepare<[], Row>(`${SELECT} WHERE retry_at IS NOT NULL AND ${LISTED} ORDER BY rowid`),
  discard: db.prepare<[number, string]>(
    `UPDATE set_aside SET discarded_at = ?, packet = NULL, retry_at = NULL WHERE id = ? AND ${LISTED}`,
  ),
}));

const toSetAside = ({ stranger, ...row }: Row): SetAside => ({ ...row, stranger: stranger === 1 });

/**
 * Counts a failure; the one that makes `tries` sets the message aside, for good. `isNew`: this very failure did. A word
 * is due then where `wordDue`.
 */
export function countFailure(
  db: CentralDb,
  message: FailedMessage,
  { tries, wordDue, now }: { tries: number; wordDue: boolean; now: number },
): { row: SetAside; isNew: boolean } {
  const write = db.transaction(() => {
    sql(db).purge.run(now - SET_ASIDE_LIMITS.maxAgeMs);
    const bound = { ...message, stranger: message.stranger ? 1 : 0, id: newId('aside'), now };
    const row = sql(db).count.get(bound);
    if (!row) throw new Error('a failure was not counted');
    const isNew = row.failures >= tries && row.setAsideAt === null;
    if (isNew) {
      sql(db).setAside.run(now, wordDue ? 'due' : 'none', row.id);
      row.setAsideAt = now;
    }
    sql(db).trim.run(row.id, SET_ASIDE_LIMITS.total - 1);
    return { row: toSetAside(row), isNew };
  });
  return write.immediate();
}

/** It went through after all. */
export function forgetFailures(db: CentralDb, key: MessageKey): void {
  sql(db).remove.run(key.channelType, key.platformId, key.platformMessageId);
}

/** All that failed, set aside or not. */
export function failedKeys(db: CentralDb): MessageKey[] {
  return sql(db).keys.all();
}

/** What is set aside and was not discarded, oldest first. */
export function listSetAside(db: CentralDb): SetAside[] {
  return sql(db).listed.all().map(toSetAside);
}

export function findSetAside(db: CentralDb, id: string): SetAside | null {
  const row = sql(db).find.get(id);
  return row ? toSetAside(row) : null;
}

/** Set aside, and its chat was not told so yet. */
export function wordsDue(db: CentralDb): SetAside[] {
  return sql(db).wordsDue.all().map(toSetAside);
}

/**
 * True: the chat of this message may be told of it, because it was told of fewer than `most` others since then. It stays
 * due until the word is settled.
 */
export function claimWord(
  db: CentralDb,
  { id, channelType, platformId }: SetAside,
  { most, since, now }: { most: number; since: number; now: number },
): boolean {
  const { said = 0 } = sql(db).wordsSince.get(channelType, platformId, since, id) ?? {};
  if (said >= most) return false;
  sql(db).claimWord.run(now, id);
  return true;
}

export function settleWord(db: CentralDb, id: string, word: 'none' | 'said'): void {
  sql(db).settleWord.run(word, id);
}

/** False: no such message is set aside. */
export function askRetry(db: CentralDb, id: string, now: number): boolean {
  return sql(db).askRetry.run(now, id).changes > 0;
}

export function askedRetries(db: CentralDb): SetAside[] {
  return sql(db).retries.all().map(toSetAside);
}

export function retryDone(db: CentralDb, id: string): void {
  sql(db).retryDone.run(id);
}

/** Takes it off the list. Its id is kept, so that it is not set aside anew when its history is read. */
export function discardSetAside(db: CentralDb, id: string, now: number): boolean {
  return sql(db).discard.run(now, id).changes > 0;
}
