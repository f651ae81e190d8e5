import { z } from 'zod';
import type { SqliteDb } from './driver.ts';

export type AckStatus = 'processing' | 'done' | 'failed';

const idSchema = z.object({ message_id: z.string() });

/** What the host is told about its messages. Each change gets a new `n`, the host's cursor. */
export interface Acks {
  /** Inside a transaction of the caller. */
  set(ids: string[], status: AckStatus): void;
  /** Every message that has an acknowledgement: not to be claimed again. */
  ids(): string[];
  /** Claims of an earlier process are void: this one is the only writer, and it has just begun. */
  clearClaims(): void;
  /** Settled ones that have not changed since `before` (epoch milliseconds). */
  settledBefore(before: number): string[];
  remove(ids: string[]): void;
}

export function createAcks(db: SqliteDb, deps: { incarnation: number; now: () => number }): Acks {
  const put = db.prepare(
    'INSERT OR REPLACE INTO processing_ack (message_id, status, incarnation, changed_at) VALUES (?, ?, ?, ?)',
  );
  const all = db.prepare('SELECT message_id FROM processing_ack');
  const clear = db.prepare(`DELETE FROM processing_ack WHERE status = 'processing'`);
  const settled = db.prepare(
    `SELECT message_id FROM processing_ack WHERE status <> 'processing' AND changed_at < ?`,
  );
  const remove = db.prepare(
    'DELETE FROM processing_ack WHERE message_id IN (SELECT value FROM json_each(?))',
  );
  const toId = (row: unknown) => idSchema.parse(row).message_id;
  return {
    set(ids, status) {
      for (const id of ids) put.run(id, status, deps.incarnation, deps.now());
    },
    ids: () => all.all().map(toId),
    clearClaims: () => void clear.run(),
    settledBefore: (before) => settled.all(before).map(toId),
    remove: (ids) => void remove.run(JSON.stringify(ids)),
  };
}
