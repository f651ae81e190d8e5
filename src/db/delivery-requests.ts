import type { CentralDb } from './central.js';
import { perHandle } from './per-handle.js';

/** What an operator wants done with a delivery that went wrong. */
export interface DeliveryRequest {
  sessionId: string;
  /** `out:<id>` or `notice:<id>`. */
  key: string;
  action: 'retry' | 'discard';
}

/** `nothing`: it was no dead or unknown delivery (any more) · `failed`: the session's files cannot be used. */
export type RequestOutcome = 'done' | 'nothing' | 'failed';

const KEPT_MS = 7 * 86_400_000;

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, number], { id: number }>(
    `INSERT INTO delivery_requests (session_id, delivery_key, action, created_at) VALUES (?, ?, ?, ?) RETURNING id`,
  ),
  open: db.prepare<[], DeliveryRequest & { id: number }>(
    `SELECT id, session_id AS sessionId, delivery_key AS key, action FROM delivery_requests
     WHERE outcome IS NULL ORDER BY id`,
  ),
  settle: db.prepare<[RequestOutcome, number]>('UPDATE delivery_requests SET outcome = ? WHERE id = ?'),
  outcome: db.prepare<[number], { outcome: RequestOutcome | null }>(
    'SELECT outcome FROM delivery_requests WHERE id = ?',
  ),
  purge: db.prepare<[number]>('DELETE FROM delivery_requests WHERE outcome IS NOT NULL AND created_at <= ?'),
}));

/** Stores a request and returns its id; settled ones are forgotten after a week. */
export function addDeliveryRequest(db: CentralDb, request: DeliveryRequest, now: number): number {
  statements(db).purge.run(now - KEPT_MS);
  const row = statements(db).insert.get(request.sessionId, request.key, request.action, now);
  if (!row) throw new Error('a delivery request was not stored');
  return row.id;
}

export function openDeliveryRequests(db: CentralDb): (DeliveryRequest & { id: number })[] {
  return statements(db).open.all();
}

export function settleDeliveryRequest(db: CentralDb, id: number, outcome: RequestOutcome): void {
  statements(db).settle.run(outcome, id);
}

/** Null: nobody has looked at it yet. */
export function deliveryRequestOutcome(db: CentralDb, id: number): RequestOutcome | null {
  return statements(db).outcome.get(id)?.outcome ?? null;
}
