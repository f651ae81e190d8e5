import Database from 'better-sqlite3';
import { listTroubled, type TroubledDelivery } from './ledger-troubles.js';
import { givenUp, openMessages, openSince } from './message-status.js';
import { openTasks, type Task } from './tasks.js';

/** What waits, or went wrong, in one session. */
export interface Backlog {
  /** Messages that wake the agent and are not answered yet. */
  queued: number;
  /** Since when the oldest of them has waited; null: none waits. */
  waitingSince: number | null;
  /** Messages of the last day that were given up; `open`: after which nothing was answered any more. */
  givenUp: { count: number; open: number };
  /** Deliveries that are dead, may not have arrived, or were tried in vain; the oldest 1000. */
  troubled: TroubledDelivery[];
}

const LONGEST_LIST = 1000;
const DAY_MS = 86_400_000;
/** A commit of the host takes some milliseconds. */
const PATIENCE_MS = 500;

/** Throws SQLite's error for a file that cannot be read now (a killed host's journal). */
export function readBacklog(inboundFile: string, now: number, lateBefore: number): Backlog {
  return readOnly(inboundFile, (db) => ({
    queued: openMessages(db, now).length,
    waitingSince: openSince(db, now),
    givenUp: givenUp(db, now - DAY_MS),
    troubled: listTroubled(db, lateBefore, LONGEST_LIST),
  }));
}

/** The same for its tasks that are still to come, under way, or paused. */
export function readOpenTasks(inboundFile: string): Task[] {
  return readOnly(inboundFile, openTasks);
}

/**
 * Reads a session's inbound.db from a process that is not the host: read-only, and closed again at once, so that the
 * host's next commit finds no lock.
 */
function readOnly<T>(inboundFile: string, query: (db: Database.Database) => T): T {
  const db = new Database(inboundFile, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
  try {
    db.pragma('trusted_schema = OFF');
    return query(db);
  } finally {
    db.close();
  }
}
