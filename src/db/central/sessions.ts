import type { Address } from '../../address.js';
import { CLOCK_STEP_MS } from '../../clock.js';
import { newId } from '../../ids.js';
import { perHandle } from '../per-handle.js';
import type { Session } from '../types.js';
import type { CentralDb } from './index.js';

/** What tells sessions apart (docs/architecture.md#session-modes). */
export interface SessionKey {
  agentGroupId: string;
  messagingGroupId: string | null;
  threadId: string;
}

type Due = { id: string; at: number | null; now: number };

const SELECT = `SELECT id, agent_group_id AS agentGroupId, messaging_group_id AS messagingGroupId,
  thread_id AS threadId, container_state AS containerState, incarnation, tries, next_due_at AS nextDueAt,
  last_active_at AS lastActiveAt, created_at AS createdAt FROM sessions`;

const sql = perHandle((db) => ({
  byId: db.prepare<[string], Session>(`${SELECT} WHERE id = ?`),
  byKey: db.prepare<[string, string, string], Session>(
    `${SELECT} WHERE agent_group_id = ? AND ifnull(messaging_group_id, '') = ? AND thread_id = ?`,
  ),
  insert: db.prepare<[string, string, string | null, string, number, number]>(
    `INSERT INTO sessions (id, agent_group_id, messaging_group_id, thread_id, last_active_at, created_at)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  ),
  all: db.prepare<[], Session>(`${SELECT} ORDER BY created_at, id`),
  ofAgentGroup: db.prepare<[string], Session>(`${SELECT} WHERE agent_group_id = ? ORDER BY created_at, id`),
  withWork: db
    .prepare<[string], string>(
      'SELECT id FROM sessions WHERE agent_group_id = ? AND next_due_at IS NOT NULL ORDER BY next_due_at DESC',
    )
    .pluck(),
  ofChat: db.prepare<[string], Session>(`${SELECT} WHERE messaging_group_id = ? ORDER BY created_at, id`),
  speakersIn: db
    .prepare<[string, string], string>(
      `SELECT s.id FROM sessions AS s JOIN messaging_groups AS mg ON mg.channel_type = ? AND mg.platform_id = ?
       WHERE s.messaging_group_id = mg.id OR s.agent_group_id IN
         (SELECT agent_group_id FROM messaging_group_agents WHERE messaging_group_id = mg.id)`,
    )
    .pluck(),
  lowerDue: db.prepare<Due>(
    'UPDATE sessions SET next_due_at = :at, due_set_at = :now WHERE id = :id AND ifnull(next_due_at, 9e15) > :at',
  ),
  setDue: db.prepare<Due & { future: number }>(
    `UPDATE sessions SET next_due_at = :at, due_set_at = :now
     WHERE id = :id AND (next_due_at IS NOT :at OR due_set_at > :future)`,
  ),
  touch: db.prepare<[number, string]>('UPDATE sessions SET last_active_at = ? WHERE id = ?'),
}));

export function getSession(db: CentralDb, id: string): Session | undefined {
  return sql(db).byId.get(id);
}

export function findSession(db: CentralDb, key: SessionKey): Session | undefined {
  return sql(db).byKey.get(key.agentGroupId, key.messagingGroupId ?? '', key.threadId);
}

/** The session of this key, made where there is none; two callers at once get the same one. */
export function ensureSession(db: CentralDb, key: SessionKey, now: number): Session {
  const known = findSession(db, key);
  if (known) return known;
  sql(db).insert.run(newId('ses'), key.agentGroupId, key.messagingGroupId, key.threadId, now, now);
  const made = findSession(db, key);
  if (!made) throw new Error(`session of ${key.agentGroupId} was not stored`);
  return made;
}

export function listSessions(db: CentralDb): Session[] {
  return sql(db).all.all();
}

export function sessionsOfAgentGroup(db: CentralDb, agentGroupId: string): Session[] {
  return sql(db).ofAgentGroup.all(agentGroupId);
}

/** Sessions of an agent group that have something to do, now or at some time. */
export function sessionsWithWork(db: CentralDb, agentGroupId: string): string[] {
  return sql(db).withWork.all(agentGroupId);
}

/** Sessions bound to one chat; those of mode `agent-shared` are bound to none and not among them. */
export function sessionsOfChat(db: CentralDb, messagingGroupId: string): Session[] {
  return sql(db).ofChat.all(messagingGroupId);
}

/** Whoever may have said something in a chat: sessions bound to it, and all of the agents that are wired to it. */
export function speakersIn(db: CentralDb, { channelType, platformId }: Omit<Address, 'threadId'>): string[] {
  return sql(db).speakersIn.all(channelType, platformId);
}

/** The write-ahead hint (docs/reliability.md#the-due-time): true if it was later than `at`, or not set. */
export function lowerNextDue(db: CentralDb, id: string, at: number, now: number): boolean {
  return sql(db).lowerDue.run({ id, at, now }).changes > 0;
}

/** The same for several sessions in one commit; gives those of which it was true. */
export function lowerNextDues(db: CentralDb, dues: ReadonlyMap<string, number>, now: number): string[] {
  const lower = db.transaction(() =>
    [...dues].filter(([id, at]) => lowerNextDue(db, id, at, now)).map(([id]) => id),
  );
  return lower.immediate();
}

/**
 * Stores what was computed from the session's files; true if it differed. The session manager alone calls it, after
 * `lowerNextDue`: so it only ever comes up, and is not waited for until it is on the disk. A power cut that takes it back
 * leaves the hint early, which is allowed; the end of a process takes nothing back.
 */
export function setNextDue(db: CentralDb, id: string, at: number | null, now: number): boolean {
  db.pragma('synchronous = NORMAL');
  try {
    return sql(db).setDue.run({ id, at, now, future: now + CLOCK_STEP_MS }).changes > 0;
  } finally {
    db.pragma('synchronous = FULL');
  }
}

export function touchSession(db: CentralDb, id: string, now: number): void {
  sql(db).touch.run(now, id);
}
