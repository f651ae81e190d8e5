import Database from 'better-sqlite3';
import { listTroubled, type TroubledDelivery } from './ledger-troubles.js';
import { openMessages, openSince } from './message-status.js';

/** What waits, or went wrong, in one session. */
export interface Backlog {
  /** Messages that wake the agent and are not answered yet. */
  queued: number;
  /** Since when the oldest of them has waited; null: none waits. */
  waitingSince: number | null;
  /** Deliveries that are dead, may not have arrived, or were tried in vain; the oldest 1000. */
  troubled: TroubledDelivery[];
}

const LONGEST_LIST = 1000;
/** A commit of the host takes some milliseconds. */
const PATIENCE_MS = 500;

/**
 * Reads a session's inbound.db from a process that is not the host: read-only, and closed again at once, so that the
 * host's next commit finds no lock. Throws SQLite's error for a file that cannot be read now (a killed host's journal).
 */
export function readBacklog(inboundFile: string, now: number, lateBefore: number): Backlog {
  const db = new Database(inboundFile, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
  try {
    db.pragma('trusted_schema = OFF');
    return {
      queued: openMessages(db, now).length,
      waitingSince: openSince(db, now),
      troubled: listTroubled(db, lateBefore, LONGEST_LIST),
    };
  } finally {
    db.close();
  }
}
