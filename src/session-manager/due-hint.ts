import type { CentralDb } from '../db/central.js';
import type { InboundDb } from '../db/inbound.js';
import { nextDueAt } from '../db/messages-in.js';
import { lowerNextDue, setNextDue } from '../db/sessions.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';

/**
 * `sessions.next_due_at`, kept beside the files that it is computed from. Before a commit it may only come down, after it
 * it is exact: a crash in between leaves it early, never late.
 */
export interface DueHint {
  lower(sessionId: string, dueAt: number): void;
  beforeCommit(sessionId: string, inbound: InboundDb): void;
  /** Never throws. */
  afterCommit(sessionId: string, inbound: InboundDb): void;
}

export function createDueHint(deps: {
  db: CentralDb;
  log: Log;
  onDue?: ((sessionId: string, dueAt: number | null) => void) | undefined;
}): DueHint {
  const { db, log, onDue } = deps;
  const lower = (sessionId: string, dueAt: number) => {
    if (lowerNextDue(db, sessionId, dueAt)) onDue?.(sessionId, dueAt);
  };
  return {
    lower,
    beforeCommit(sessionId, inbound) {
      const dueAt = nextDueAt(inbound);
      if (dueAt !== null) lower(sessionId, dueAt);
    },
    afterCommit(sessionId, inbound) {
      try {
        const dueAt = nextDueAt(inbound);
        if (setNextDue(db, sessionId, dueAt)) onDue?.(sessionId, dueAt);
      } catch (error) {
        log.warn({ session: sessionId, reason: reasonOf(error) }, 'next due time not stored: it stays early');
      }
    },
  };
}
