import type { Clock } from '../clock.ts';
import type { NewId } from '../ids.ts';
import { type Acks, createAcks } from './acks.ts';
import { type SqliteDb, transaction } from './driver.ts';
import { createOutbox, type Outbox } from './messages-out.ts';
import { createSessionState, type SessionState } from './session-state.ts';

/** Everything in outbound.db, changed in transactions that hold or fail as one. */
export interface Store {
  acks: Acks;
  outbox: Outbox;
  state: SessionState;
  /** Synchronous: a lock is waited for at most 5 s. */
  commit<T>(change: () => T): T;
}

export function createStore(db: SqliteDb, deps: { incarnation: number; clock: Clock; newId: NewId }): Store {
  const now = () => deps.clock.now();
  return {
    acks: createAcks(db, { incarnation: deps.incarnation, now }),
    outbox: createOutbox(db, { incarnation: deps.incarnation, now, newId: deps.newId }),
    state: createSessionState(db, now),
    commit: (change) => transaction(db, change),
  };
}
