import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/** How far a container's output has been taken over into inbound.db. */
export interface DeliveryCursor {
  /** Every message up to this `seq` is in the ledger. */
  seq: number;
  /** Every acknowledgement up to this `n` is applied. */
  ack: number;
}

const statements = perHandle((db) => ({
  get: db.prepare<[string], { value: string }>('SELECT value FROM host_state WHERE key = ?'),
  put: db.prepare<[string, string]>(
    'INSERT INTO host_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  ),
}));

const SEQ = 'delivery_seq';
const ACK = 'delivery_ack';

export function deliveryCursor(db: InboundDb): DeliveryCursor {
  const numberAt = (key: string) => Number(statements(db).get.get(key)?.value ?? 0);
  return { seq: numberAt(SEQ), ack: numberAt(ACK) };
}

export function saveDeliveryCursor(db: InboundDb, cursor: DeliveryCursor): void {
  statements(db).put.run(SEQ, String(cursor.seq));
  statements(db).put.run(ACK, String(cursor.ack));
}
