import { CLOCK_STEP_MS } from '../../clock.js';
import { perHandle } from '../per-handle.js';
import type { ContainerState } from '../types.js';
import type { CentralDb } from './index.js';

/** A session whose container was not known to be gone when the host last wrote it down. */
export interface SessionUp {
  id: string;
  agentGroupId: string;
}

export interface SessionDue {
  id: string;
  nextDueAt: number;
}

const statements = perHandle((db) => ({
  claim: db.prepare<[string], { incarnation: number }>(
    `UPDATE sessions SET incarnation = incarnation + 1, container_state = 'starting'
     WHERE id = ? RETURNING incarnation`,
  ),
  setState: db.prepare<[ContainerState, string]>('UPDATE sessions SET container_state = ? WHERE id = ?'),
  up: db.prepare<[], SessionUp>(
    `SELECT id, agent_group_id AS agentGroupId FROM sessions WHERE container_state <> 'stopped'`,
  ),
  due: db.prepare<[number, string, number, number], SessionDue>(
    `SELECT id, next_due_at AS nextDueAt FROM sessions
     WHERE (next_due_at, id) > (?, ?) AND next_due_at <= ? ORDER BY next_due_at, id LIMIT ?`,
  ),
  misdated: db
    .prepare<[number, number], string>(
      'SELECT id FROM sessions WHERE next_due_at > ? AND due_set_at > ? ORDER BY due_set_at, id',
    )
    .pluck(),
}));

/** Takes the next incarnation of the session and marks it `starting`. Undefined: there is no such session. */
export function claimIncarnation(db: CentralDb, sessionId: string): number | undefined {
  return statements(db).claim.get(sessionId)?.incarnation;
}

export function setContainerState(db: CentralDb, sessionId: string, state: ContainerState): void {
  statements(db).setState.run(state, sessionId);
}

export function sessionsUp(db: CentralDb): SessionUp[] {
  return statements(db).up.all();
}

/** One page of the sessions due after `from` and until `until` (epoch milliseconds), earliest first. */
export function sessionsDue(db: CentralDb, from: SessionDue, until: number, limit: number): SessionDue[] {
  return statements(db).due.all(from.nextDueAt, from.id, until, limit);
}

/** Sessions not due yet, as a clock reckoned that has been set back since: they are to be looked at. */
export function sessionsMisdated(db: CentralDb, now: number): string[] {
  return statements(db).misdated.all(now, now + CLOCK_STEP_MS);
}
