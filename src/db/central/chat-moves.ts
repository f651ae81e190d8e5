import { perHandle } from '../per-handle.js';
import { addAudit } from './audit.js';
import type { CentralDb } from './index.js';
import { findMessagingGroup } from './messaging-groups.js';
import { listWiredAgents } from './wirings.js';

export interface ChatMove {
  channelType: string;
  /** Platform ids, in the form of the catalog. */
  from: string;
  to: string;
}

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, number]>(
    `INSERT OR REPLACE INTO chat_moves (channel_type, from_id, to_id, moved_at) VALUES (?, ?, ?, ?)`,
  ),
  forget: db.prepare<[string, string]>('DELETE FROM chat_moves WHERE channel_type = ? AND from_id = ?'),
  hold: db.prepare<[string, string, string]>(
    'UPDATE OR IGNORE held_messages SET platform_id = ? WHERE channel_type = ? AND platform_id = ?',
  ),
  next: db
    .prepare<[string, string], string>('SELECT to_id FROM chat_moves WHERE channel_type = ? AND from_id = ?')
    .pluck(),
  before: db
    .prepare<[string, string], string>('SELECT from_id FROM chat_moves WHERE channel_type = ? AND to_id = ?')
    .pluck(),
  // What was said last has an id of the old chat.
  rename: db.prepare<[string, string]>(
    'UPDATE messaging_groups SET platform_id = ?, last_platform_message_id = NULL WHERE id = ?',
  ),
}));

/** More than a chat can move. A circle, made by hand, ends here as well. */
const MOST = 8;

/**
 * Writes a move down and takes the chat's own row along, with its wirings and conversations. Told again, by either
 * side, it changes nothing. False: it was known. Where both ids are wired, each stays as it is.
 */
export function recordMove(db: CentralDb, { channelType, from, to }: ChatMove, now: number): boolean {
  const write = db.transaction((): boolean => {
    if (from === to) {
      // Another chat has this id now: whatever had it before is found by its new one alone.
      return statements(db).forget.run(channelType, to).changes > 0;
    }
    if (statements(db).next.get(channelType, from) === to) return false;
    // The newest move counts: a chat may come back, or leave its name to another one that moves in its turn.
    statements(db).forget.run(channelType, to);
    statements(db).insert.run(channelType, from, to, now);
    const old = findMessagingGroup(db, channelType, from);
    const present = findMessagingGroup(db, channelType, to);
    const isWired = (id: string) => {
      const { usable, bad } = listWiredAgents(db, id);
      return usable.length + bad.length > 0;
    };
    if (old && !(present && isWired(present.id))) {
      // A row may have conversations, also where nobody serves the chat any more: the two change places.
      if (present) statements(db).rename.run(`${to} moved`, present.id);
      statements(db).rename.run(to, old.id);
      if (present) statements(db).rename.run(from, present.id);
    }
    statements(db).hold.run(to, channelType, from);
    addAudit(db, { actor: channelType, action: 'chat.moved', subject: from, detail: { to } }, now);
    return true;
  });
  return write.immediate();
}

/** Under which id a chat is found today. */
export function currentId(db: CentralDb, channelType: string, platformId: string): string {
  let id = platformId;
  for (let step = 0; step < MOST; step += 1) {
    const next = statements(db).next.get(channelType, id);
    if (next === undefined) return id;
    id = next;
  }
  return id;
}

/** Ids that a chat had before. */
export function earlierIds(db: CentralDb, channelType: string, platformId: string): string[] {
  const found = new Set([platformId]);
  // Grows while it is gone through.
  for (const id of found) {
    for (const before of statements(db).before.all(channelType, id))
      if (found.size <= MOST) found.add(before);
  }
  found.delete(platformId);
  return [...found];
}
