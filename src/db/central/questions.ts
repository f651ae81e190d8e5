import { z } from 'zod';
import type { Address } from '../../address.js';
import { type Behind, parseBehind } from '../inbound/behind.js';
import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

export interface QuestionOption {
  label: string;
  value: string;
}

/** A question that an agent has asked in a chat. Times are epoch milliseconds. */
export interface Question {
  sessionId: string;
  /** The ledger key of the message that asks. */
  messageKey: string;
  /** What the agent calls it. */
  questionId: string;
  to: Address;
  question: string;
  options: QuestionOption[];
  /** `asker`: for those because of whom it was asked, and whoever is above them. */
  askedFor: 'owner' | 'admin' | 'asker' | 'anyone';
  /** Who is behind the turn that asked. */
  behind: Behind;
  /** The agent said how long it wants to wait. */
  timed: boolean;
  state: 'open' | 'answered' | 'expired';
  /** Who answered what; empty while nobody has. */
  outcome: string;
  expiresAt: number;
  closedAt: number | null;
  createdAt: number;
}

export type NewQuestion = Omit<Question, 'state' | 'outcome' | 'closedAt'>;

interface Row extends Omit<Question, 'to' | 'options' | 'behind' | 'timed'>, Address {
  options: string;
  behind: string;
  timed: number;
}

const COLUMNS = `session_id AS sessionId, message_key AS messageKey, question_id AS questionId,
  channel_type AS channelType, platform_id AS platformId, thread_id AS threadId, question, options,
  asked_for AS askedFor, behind, timed, state,
  outcome, expires_at AS expiresAt, closed_at AS closedAt, created_at AS createdAt`;
const SELECT = `SELECT ${COLUMNS} FROM pending_questions`;
type Bound = Record<string, string | number>;

const sql = perHandle((db) => ({
  add: db.prepare<[Bound]>(
    `INSERT INTO pending_questions (session_id, message_key, question_id, channel_type, platform_id, thread_id, question,
       options, asked_for, behind, timed, expires_at, created_at)
     VALUES (@sessionId, @messageKey, @questionId, @channelType, @platformId, @threadId, @question, @options,
       @askedFor, @behind, @timed, @expiresAt, @createdAt) ON CONFLICT DO NOTHING`,
  ),
  ofChat: db.prepare<[string, string, number], Row & { agentGroupId: string }>(
    `SELECT ${COLUMNS}, (SELECT agent_group_id FROM sessions WHERE id = session_id) AS agentGroupId
     FROM pending_questions WHERE channel_type = ? AND platform_id = ?
     ORDER BY created_at DESC, message_key DESC LIMIT ?`,
  ),
  due: db.prepare<[number, number], Row>(
    `${SELECT} WHERE state = 'open' AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
  ),
  close: db.prepare<[string, string, number, string, string]>(
    `UPDATE pending_questions SET state = ?, outcome = ?, closed_at = ?
     WHERE session_id = ? AND message_key = ? AND state = 'open'`,
  ),
  postpone: db.prepare<[number, string, string]>(
    'UPDATE pending_questions SET expires_at = ? WHERE session_id = ? AND message_key = ?',
  ),
  beyond: db.prepare<[number, string, number]>(
    `UPDATE pending_questions SET expires_at = ? WHERE rowid IN (
       SELECT rowid FROM pending_questions WHERE session_id = ? AND state = 'open'
       ORDER BY created_at DESC, message_key DESC LIMIT -1 OFFSET ?)`,
  ),
  lastClosed: db
    .prepare<[string, string], number | null>(
      'SELECT max(closed_at) FROM pending_questions WHERE session_id = ? AND state = ? AND timed = 1',
    )
    .pluck(),
  forget: db.prepare<[number, number]>(
    `DELETE FROM pending_questions WHERE rowid IN (
       SELECT rowid FROM pending_questions WHERE closed_at < ? ORDER BY closed_at LIMIT ?)`,
  ),
}));

const optionsSchema = z.array(z.object({ label: z.string(), value: z.string() }));

function questionOf(row: Row): Question {
  const { channelType, platformId, threadId, options, behind, timed, ...rest } = row;
  const to = { channelType, platformId, threadId };
  return {
    ...{ ...rest, to, timed: timed === 1 },
    options: optionsSchema.parse(JSON.parse(options)),
    behind: parseBehind(behind),
  };
}

/** The same message a second time changes nothing. */
export function addQuestion(db: CentralDb, { to, options, behind, timed, ...rest }: NewQuestion): void {
  const json = { options: JSON.stringify(options), behind: JSON.stringify(behind) };
  sql(db).add.run({ ...rest, ...to, ...json, timed: timed ? 1 : 0 });
}

/** What was asked in a chat, newest first, with the agent group that asked. Answered and expired ones for some time. */
export function questionsOfChat(
  db: CentralDb,
  chat: { channelType: string; platformId: string },
  limit: number,
): (Question & { agentGroupId: string })[] {
  return sql(db)
    .ofChat.all(chat.channelType, chat.platformId, limit)
    .map(({ agentGroupId, ...row }) => ({ ...questionOf(row), agentGroupId }));
}

/** Open questions whose time is over, oldest first. */
export function questionsDue(db: CentralDb, now: number, limit: number): Question[] {
  return sql(db).due.all(now, limit).map(questionOf);
}

export function closeQuestion(
  db: CentralDb,
  { sessionId, messageKey }: Pick<Question, 'sessionId' | 'messageKey'>,
  as: { state: 'answered' | 'expired'; outcome: string },
  now: number,
): void {
  sql(db).close.run(as.state, as.outcome, now, sessionId, messageKey);
}

export function postponeQuestion(db: CentralDb, { sessionId, messageKey }: Question, until: number): void {
  sql(db).postpone.run(until, sessionId, messageKey);
}

/** Lets the oldest open questions of a session expire now, so that at most `keep` stay. */
export function expireBeyond(db: CentralDb, sessionId: string, keep: number, now: number): void {
  sql(db).beyond.run(now, sessionId, keep);
}

/** When a question of the session with a time-out of the agent's own last ended so. */
export function lastClosedAt(db: CentralDb, sessionId: string, state: 'answered' | 'expired'): number | null {
  return sql(db).lastClosed.get(sessionId, state) ?? null;
}

/** Forgets what was closed before a moment, at most `limit`; gives how many. */
export function forgetQuestions(db: CentralDb, before: number, limit: number): number {
  return sql(db).forget.run(before, limit).changes;
}
