import { z } from 'zod';
import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

const actionSchema = z.enum(['retry', 'discard', 'cancel-task', 'pause-task', 'resume-task', 'run-task']);
export type RequestedAction = z.infer<typeof actionSchema>;

/** What an operator wants done in a session's files, which steps do not write. */
export interface SessionRequest {
  sessionId: string;
  /** Of a delivery its key (`out:<id>`, `notice:<id>`), of a task the id of its series. */
  subject: string;
  action: RequestedAction;
}

export interface RequestResult {
  /** `nothing`: there was nothing to do (any more) · `refused`: see `said` · `failed`: the session's files cannot be used. */
  outcome: 'done' | 'nothing' | 'refused' | 'failed';
  /** For the operator; may be empty. */
  said: string;
}

const KEPT_MS = 7 * 86_400_000;

const statements = perHandle((db) => ({
  insert: db.prepare<[string, string, string, number], { id: number }>(
    `INSERT INTO session_requests (session_id, subject, action, created_at) VALUES (?, ?, ?, ?) RETURNING id`,
  ),
  open: db.prepare<[], { id: number; sessionId: string; subject: string; action: string }>(
    `SELECT id, session_id AS sessionId, subject, action FROM session_requests
     WHERE outcome IS NULL ORDER BY id`,
  ),
  settle: db.prepare<[string, string, number]>(
    'UPDATE session_requests SET outcome = ?, said = ? WHERE id = ?',
  ),
  result: db.prepare<[number], RequestResult>(
    'SELECT outcome, said FROM session_requests WHERE id = ? AND outcome IS NOT NULL',
  ),
  purge: db.prepare<[number]>('DELETE FROM session_requests WHERE outcome IS NOT NULL AND created_at <= ?'),
}));

/** Stores a request and returns its id; settled ones are forgotten after a week. */
export function addSessionRequest(db: CentralDb, request: SessionRequest, now: number): number {
  statements(db).purge.run(now - KEPT_MS);
  const row = statements(db).insert.get(request.sessionId, request.subject, request.action, now);
  if (!row) throw new Error('a request was not stored');
  return row.id;
}

/** Those that nobody has looked at yet, oldest first; `action` null: this version does not know it. */
export function openSessionRequests(
  db: CentralDb,
): (Omit<SessionRequest, 'action'> & { id: number; action: RequestedAction | null })[] {
  return statements(db)
    .open.all()
    .map((row) => ({ ...row, action: actionSchema.safeParse(row.action).data ?? null }));
}

export function settleSessionRequest(db: CentralDb, id: number, { outcome, said }: RequestResult): void {
  statements(db).settle.run(outcome, said, id);
}

/** Null: nobody has looked at it yet. */
export function sessionRequestResult(db: CentralDb, id: number): RequestResult | null {
  return statements(db).result.get(id) ?? null;
}
