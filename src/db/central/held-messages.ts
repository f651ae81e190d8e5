import { newId } from '../../ids.js';
import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

/** `unwired`: waits for its chat to be registered · `session-stuck`: an agent of its chat could not take it in. */
export type HeldReason = 'unwired' | 'session-stuck';

/** A message that waits; `event` is JSON (src/router/held-event.ts). */
export interface HeldMessage {
  id: string;
  channelType: string;
  platformId: string;
  platformMessageId: string;
  event: string;
  createdAt: number;
}

interface Row {
  id: string;
  channel_type: string;
  platform_id: string;
  platform_message_id: string;
  event: string;
  created_at: number;
}

export type Replay = 'none' | 'last' | 'all';

export const HELD_LIMITS = { perChat: 20, total: 500, maxAgeMs: 86_400_000 } as const;

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, string, string, HeldReason, number]>(
    `INSERT OR IGNORE INTO held_messages
       (id, channel_type, platform_id, platform_message_id, event, reason, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ),
  ofChat: db.prepare<[string, string], Row>(
    'SELECT * FROM held_messages WHERE channel_type = ? AND platform_id = ? ORDER BY rowid',
  ),
  trimChat: db.prepare<[string, string, number]>(
    `DELETE FROM held_messages WHERE rowid IN (
       SELECT rowid FROM held_messages WHERE channel_type = ? AND platform_id = ?
       ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
  ),
  trimUnwired: db.prepare<[string, string, number]>(
    `DELETE FROM held_messages WHERE rowid IN (
       SELECT rowid FROM held_messages WHERE channel_type = ? AND platform_id = ? AND reason = 'unwired'
       ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
  ),
  explain: db.prepare<[HeldReason, string]>('UPDATE held_messages SET reason = ? WHERE id = ?'),
  explainChat: db.prepare<[HeldReason, string, string]>(
    'UPDATE held_messages SET reason = ? WHERE channel_type = ? AND platform_id = ?',
  ),
  trimAll: db.prepare<[number]>(
    `DELETE FROM held_messages WHERE rowid IN (
       SELECT rowid FROM held_messages ORDER BY rowid DESC LIMIT -1 OFFSET ?)`,
  ),
  expire: db.prepare<[number]>('DELETE FROM held_messages WHERE created_at <= ?'),
  inWiredChats: db.prepare<[], Row>(
    `SELECT h.* FROM held_messages h
     JOIN messaging_groups m ON m.channel_type = h.channel_type AND m.platform_id = h.platform_id
     WHERE EXISTS (SELECT 1 FROM messaging_group_agents w WHERE w.messaging_group_id = m.id)
     ORDER BY h.rowid`,
  ),
  remove: db.prepare<[string]>('DELETE FROM held_messages WHERE id = ?'),
  find: db.prepare<[string], Row>('SELECT * FROM held_messages WHERE id = ?'),
  findSaid: db.prepare<[string, string, string], Row>(
    'SELECT * FROM held_messages WHERE channel_type = ? AND platform_id = ? AND platform_message_id = ?',
  ),
  change: db.prepare<[string, string]>('UPDATE held_messages SET event = ? WHERE id = ?'),
}));

function toHeld(row: Row): HeldMessage {
  return {
    id: row.id,
    channelType: row.channel_type,
    platformId: row.platform_id,
    platformMessageId: row.platform_message_id,
    event: row.event,
    createdAt: row.created_at,
  };
}

/** Keeps a message; of each chat the newest 20, of all 500, none longer than a day. False: it is kept already. */
export function holdMessage(
  db: CentralDb,
  message: Omit<HeldMessage, 'id'>,
  reason: HeldReason = 'unwired',
): boolean {
  const { channelType, platformId, platformMessageId, event, createdAt } = message;
  const { changes } = statements(db).insert.run(
    newId('held'),
    channelType,
    platformId,
    platformMessageId,
    event,
    reason,
    createdAt,
  );
  expireHeld(db, createdAt);
  statements(db).trimChat.run(channelType, platformId, HELD_LIMITS.perChat);
  statements(db).trimAll.run(HELD_LIMITS.total);
  return changes === 1;
}

export function expireHeld(db: CentralDb, now: number): void {
  statements(db).expire.run(now - HELD_LIMITS.maxAgeMs);
}

/**
 * Of what waited for the registration of this chat drops what is not to be replayed (null: nothing), and returns all that
 * is left of the chat, oldest first. What an agent could not take in is owed to it, whatever is said here.
 */
export function keepForReplay(
  db: CentralDb,
  chat: { channelType: string; platformId: string },
  replay: Replay | null,
  now: number,
): HeldMessage[] {
  expireHeld(db, now);
  const keep = { none: 0, last: 1, all: HELD_LIMITS.perChat }[replay ?? 'all'];
  statements(db).trimUnwired.run(chat.channelType, chat.platformId, keep);
  return statements(db).ofChat.all(chat.channelType, chat.platformId).map(toHeld);
}

/** Held messages whose chat has been wired since: the host takes them in now. Oldest first. */
export function heldInWiredChats(db: CentralDb): HeldMessage[] {
  return statements(db).inWiredChats.all().map(toHeld);
}

export function removeHeld(db: CentralDb, id: string): void {
  statements(db).remove.run(id);
}

export function findHeld(db: CentralDb, id: string): HeldMessage | null {
  const row = statements(db).find.get(id);
  return row ? toHeld(row) : null;
}

/** The held message that has this id on its platform. */
export function findHeldSaid(
  db: CentralDb,
  { channelType, platformId }: { channelType: string; platformId: string },
  platformMessageId: string,
): HeldMessage | null {
  const row = statements(db).findSaid.get(channelType, platformId, platformMessageId);
  return row ? toHeld(row) : null;
}

export function changeHeld(db: CentralDb, id: string, event: string): void {
  statements(db).change.run(event, id);
}

/** It was on its way to an agent, which could not take it in. */
export function holdForStuck(db: CentralDb, id: string): void {
  statements(db).explain.run('session-stuck', id);
}

/** The chat has no agent any more: what is held waits for its next registration, like all that is said from now on. */
export function holdForRegistration(db: CentralDb, chat: { channelType: string; platformId: string }): void {
  statements(db).explainChat.run('unwired', chat.channelType, chat.platformId);
}
