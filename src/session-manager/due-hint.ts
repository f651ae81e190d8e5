import type { Clock } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { lowerNextDue, lowerNextDues, setNextDue } from '../db/central/sessions.js';
import type { InboundDb } from '../db/inbound/index.js';
import { nextDueAt } from '../db/inbound/messages-in.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';

/**
 * `sessions.next_due_at`, kept beside the files that it is computed from. Before a commit it may only come down, after it
 * it is exact: a crash in between leaves it early, never late.
 */
export interface DueHint {
  /** Resolves when it is stored. What is asked for in one turn of the event loop shares a commit, over all sessions. */
  lower(sessionId: string, dueAt: number): Promise<void>;
  beforeCommit(sessionId: string, inbound: InboundDb): void;
  /** Never throws. */
  afterCommit(sessionId: string, inbound: InboundDb): void;
}

export function createDueHint(deps: {
  clock: Clock;
  db: CentralDb;
  log: Log;
  onDue?: ((sessionId: string, dueAt: number | null) => void) | undefined;
}): DueHint {
  const { clock, db, log, onDue } = deps;
  let waiting = new Map<string, number>();
  let stored: Promise<void> | null = null;
  const lowerNow = (sessionId: string, dueAt: number) => {
    if (lowerNextDue(db, sessionId, dueAt, clock.now())) onDue?.(sessionId, dueAt);
  };
  const storeTogether = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    const together = waiting;
    [waiting, stored] = [new Map(), null];
    for (const sessionId of lowerNextDues(db, together, clock.now()))
      onDue?.(sessionId, together.get(sessionId) ?? 0);
  };
  return {
    lower(sessionId, dueAt) {
      waiting.set(sessionId, Math.min(dueAt, waiting.get(sessionId) ?? dueAt));
      stored ??= storeTogether();
      return stored;
    },
    beforeCommit(sessionId, inbound) {
      const dueAt = nextDueAt(inbound, clock.now());
      if (dueAt !== null) lowerNow(sessionId, dueAt);
    },
    afterCommit(sessionId, inbound) {
      try {
        const now = clock.now();
        const dueAt = nextDueAt(inbound, now);
        if (setNextDue(db, sessionId, dueAt, now)) onDue?.(sessionId, dueAt);
      } catch (error) {
        log.warn({ session: sessionId, reason: reasonOf(error) }, 'next due time not stored: it stays early');
      }
    },
  };
}
