import { z } from 'zod';
import type { CentralDb } from './central/index.js';
import type { InboundDb } from './inbound/index.js';
import { perHandle } from './per-handle.js';

/** What is looked at, and so the most that goes, in one transaction. */
const WINDOW = 1000;

const central = perHandle((db) => ({
  next: db
    .prepare<[number, number], string>(
      `SELECT id FROM sessions WHERE container_state = 'stopped' AND retained_at < ? ORDER BY retained_at LIMIT ?`,
    )
    .pluck(),
  mark: db.prepare<[number, string]>('UPDATE sessions SET retained_at = ? WHERE id = ?'),
}));

/** Sessions at rest whose turn came last before `before`, longest ago first. */
export function sessionsToRetain(db: CentralDb, before: number, limit: number): string[] {
  return central(db).next.all(before, limit);
}

export function markRetained(db: CentralDb, sessionId: string, now: number): void {
  central(db).mark.run(now, sessionId);
}

// The oldest rows come first in these indexes: the rest need not be looked at.
const OLD_DELIVERIES = `SELECT rowid FROM (SELECT rowid, next_attempt_at, updated_at FROM delivered ORDER BY seq LIMIT ${WINDOW})
  WHERE next_attempt_at IS NULL AND updated_at < ?`;
const OLD_NOTICES = `SELECT rowid FROM (SELECT rowid, settled, created_at FROM notices ORDER BY rowid LIMIT ${WINDOW})
  WHERE settled = 1 AND created_at < ?`;

const inbound = perHandle((db) => ({
  any: db
    .prepare<[number, number], number>(`SELECT EXISTS (${OLD_DELIVERIES}) OR EXISTS (${OLD_NOTICES})`)
    .pluck(),
  dropDeliveries: db.prepare<[number]>(`DELETE FROM delivered WHERE rowid IN (${OLD_DELIVERIES})`),
  dropNotices: db.prepare<[number]>(`DELETE FROM notices WHERE rowid IN (${OLD_NOTICES})`),
  open: db
    .prepare<[], string>("SELECT content FROM messages_in WHERE status = 'pending' AND kind = 'chat'")
    .pluck(),
}));

export function hasOldDeliveries(db: InboundDb, before: number): boolean {
  return inbound(db).any.get(before, before) === 1;
}

/** Forgets settled deliveries and notices from before a moment, a bounded number at a time. */
export function dropOldDeliveries(db: InboundDb, before: number): void {
  inbound(db).dropDeliveries.run(before);
  inbound(db).dropNotices.run(before);
}

const attachments = z.object({ attachments: z.array(z.object({ path: z.string() })) });
const withFiles = attachments.extend({ quoted: attachments.optional(), root: attachments.optional() });

/** Paths, as the container sees them, of the files of messages that are not settled. */
export function filesInUse(db: InboundDb): string[] {
  return inbound(db)
    .open.all()
    .flatMap((content) => {
      const { data } = withFiles.safeParse(JSON.parse(content));
      return [data, data?.quoted, data?.root].flatMap((part) => part?.attachments ?? []);
    })
    .map(({ path }) => path);
}
