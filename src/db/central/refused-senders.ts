import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

const statements = perHandle((db) => ({
  known: db.prepare<[string], { replies: number }>('SELECT replies FROM refused_senders WHERE sender_id = ?'),
  count: db.prepare<[], { senders: number }>('SELECT count(*) AS senders FROM refused_senders'),
  add: db.prepare<[string, number]>(
    `INSERT INTO refused_senders (sender_id, replies, last_at) VALUES (?, 1, ?)
     ON CONFLICT (sender_id) DO UPDATE SET replies = replies + 1, last_at = excluded.last_at`,
  ),
}));

/**
 * True if this refused sender may still be answered, and counts the answer. Once `maxSenders` strangers were
 * answered no new one is: forgetting the old ones would give them more answers than they may have.
 */
export function claimRefusalReply(
  db: CentralDb,
  senderId: string,
  now: number,
  limits: { replies: number; maxSenders: number },
): boolean {
  const known = statements(db).known.get(senderId);
  if (known && known.replies >= limits.replies) return false;
  if (!known && (statements(db).count.get()?.senders ?? 0) >= limits.maxSenders) return false;
  statements(db).add.run(senderId, now);
  return true;
}
