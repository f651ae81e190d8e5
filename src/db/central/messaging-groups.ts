import { perHandle } from '../per-handle.js';
import type { MessagingGroup, UnknownSenderPolicy } from '../types.js';
import type { CentralDb } from './index.js';

interface Row {
  id: string;
  channel_type: string;
  platform_id: string;
  name: string;
  is_group: number;
  admin_user_id: string | null;
  unknown_sender_policy: UnknownSenderPolicy;
  last_platform_message_id: string | null;
  last_platform_at: number | null;
  created_at: number;
}

/** Where gap filling of a wired chat starts. */
export interface ChatCursor {
  platformId: string;
  /** Null: nothing was taken in since it was wired. */
  lastMessageId: string | null;
  /** When that was said, or when the chat was wired, epoch milliseconds. */
  lastAt: number;
  /** When the first of its wirings of today was made. */
  wiredAt: number;
}

const WIRED = 'EXISTS (SELECT 1 FROM messaging_group_agents w WHERE w.messaging_group_id = m.id)';

const statements = perHandle((db) => ({
  byId: db.prepare<[string], Row>('SELECT * FROM messaging_groups WHERE id = ?'),
  byPlatformId: db.prepare<[string, string], Row>(
    'SELECT * FROM messaging_groups WHERE channel_type = ? AND platform_id = ?',
  ),
  all: db.prepare<[], Row & { wired: number }>(
    `SELECT m.*, ${WIRED} AS wired FROM messaging_groups m ORDER BY m.created_at DESC, m.id`,
  ),
  insert: db.prepare<[string, string, string, string, number, string | null, UnknownSenderPolicy, number]>(
    `INSERT INTO messaging_groups
       (id, channel_type, platform_id, name, is_group, admin_user_id, unknown_sender_policy, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: db.prepare<[string, number, string | null, UnknownSenderPolicy, string]>(
    `UPDATE messaging_groups SET name = ?, is_group = ?, admin_user_id = ?, unknown_sender_policy = ?
     WHERE id = ?`,
  ),
  advance: db.prepare<[string, number, string, number]>(
    `UPDATE messaging_groups SET last_platform_message_id = ?, last_platform_at = ?
     WHERE id = ? AND ifnull(last_platform_at, 0) <= ?`,
  ),
  // What was said before the chat was wired, or in between two wirings, is nobody's.
  cursors: db.prepare<[string], ChatCursor>(
    `SELECT m.platform_id AS platformId,
       CASE WHEN m.last_platform_at >= w.wired_at THEN m.last_platform_message_id END AS lastMessageId,
       max(ifnull(m.last_platform_at, 0), w.wired_at) AS lastAt,
       w.wired_at AS wiredAt
     FROM messaging_groups m JOIN (
       SELECT messaging_group_id, min(created_at) AS wired_at FROM messaging_group_agents GROUP BY 1
     ) w ON w.messaging_group_id = m.id
     WHERE m.channel_type = ? ORDER BY m.platform_id`,
  ),
  purge: db.prepare<[number]>(
    `DELETE FROM messaging_groups WHERE id IN (
       SELECT m.id FROM messaging_groups m
       WHERE NOT ${WIRED} AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.messaging_group_id = m.id)
       ORDER BY m.created_at DESC, m.rowid DESC LIMIT -1 OFFSET ?)`,
  ),
}));

function toMessagingGroup(row: Row): MessagingGroup {
  return {
    id: row.id,
    channelType: row.channel_type,
    platformId: row.platform_id,
    name: row.name,
    isGroup: row.is_group === 1,
    adminUserId: row.admin_user_id,
    unknownSenderPolicy: row.unknown_sender_policy,
    lastPlatformMessageId: row.last_platform_message_id,
    lastPlatformAt: row.last_platform_at,
    createdAt: row.created_at,
  };
}

export function getMessagingGroup(db: CentralDb, id: string): MessagingGroup | undefined {
  const row = statements(db).byId.get(id);
  return row && toMessagingGroup(row);
}

export function findMessagingGroup(
  db: CentralDb,
  channelType: string,
  platformId: string,
): MessagingGroup | undefined {
  const row = statements(db).byPlatformId.get(channelType, platformId);
  return row && toMessagingGroup(row);
}

/** Every chat seen, newest first. */
export function listMessagingGroups(db: CentralDb): (MessagingGroup & { wired: boolean })[] {
  return statements(db)
    .all.all()
    .map((row) => ({ ...toMessagingGroup(row), wired: row.wired === 1 }));
}

export function createMessagingGroup(db: CentralDb, group: MessagingGroup): void {
  statements(db).insert.run(
    group.id,
    group.channelType,
    group.platformId,
    group.name,
    group.isGroup ? 1 : 0,
    group.adminUserId,
    group.unknownSenderPolicy,
    group.createdAt,
  );
}

/** Writes everything but the cursor. */
export function updateMessagingGroup(db: CentralDb, group: MessagingGroup): void {
  const { name, isGroup, adminUserId, unknownSenderPolicy, id } = group;
  statements(db).update.run(name, isGroup ? 1 : 0, adminUserId, unknownSenderPolicy, id);
}

/** Moves the gap-fill cursor forward; a message older than the cursor leaves it alone. */
export function advanceCursor(db: CentralDb, id: string, messageId: string, at: number): void {
  statements(db).advance.run(messageId, at, id, at);
}

/** Several chats in one commit. */
export function advanceCursors(
  db: CentralDb,
  points: ReadonlyMap<string, { messageId: string; at: number }>,
): void {
  const advance = db.transaction(() => {
    for (const [id, { messageId, at }] of points) advanceCursor(db, id, messageId, at);
  });
  advance.immediate();
}

/** The cursors of a channel's wired chats. */
export function listCursors(db: CentralDb, channelType: string): ChatCursor[] {
  return statements(db).cursors.all(channelType);
}

/** Forgets the oldest chats that nobody wired and that never had a session, all but the newest `keep`. */
export function purgeUnwired(db: CentralDb, keep: number): number {
  return statements(db).purge.run(keep).changes;
}
