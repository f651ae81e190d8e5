import Database from 'better-sqlite3';
import { INBOUND_SCHEMA, OUTBOUND_SCHEMA } from '../schema.js';

/** Branded: a query on another database does not compile. */
export type InboundDb = Database.Database & { readonly __db?: 'inbound' };

/**
 * Opens a session's inbound.db for the host, its only writer. Waits for no lock: a lock of a container gives
 * SQLITE_BUSY at once and the caller tries again from a timer. Rolls back what a killed host left behind.
 */
export function openInbound(file: string): InboundDb {
  const db = new Database(file, { timeout: 0, fileMustExist: true });
  try {
    // In journal mode DELETE a power cut after a commit of FULL may bring its journal back, and so take the commit back:
    // EXTRA has the journal's end on the disk as well (docs/decisions/036).
    db.pragma('synchronous = EXTRA');
    db.pragma('trusted_schema = OFF');
    // A long change writes nothing before its commit either: until then readers read on, and a kill leaves nothing hot.
    db.pragma('cache_spill = OFF');
    // The first read takes the file's lock and recovers a hot journal: better here than in somebody's query.
    db.pragma('schema_version');
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

/** Makes an inbound.db that does not exist yet. Journal mode DELETE: the container has the folder read-only. */
export function createInbound(file: string): void {
  create(file, INBOUND_SCHEMA, 'DELETE');
}

/** Makes an outbound.db that does not exist yet; from then on only the container writes it. */
export function createOutbound(file: string): void {
  create(file, OUTBOUND_SCHEMA, 'TRUNCATE');
}

function create(file: string, schema: string, journal: 'DELETE' | 'TRUNCATE'): void {
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma(`journal_mode = ${journal}`);
    db.pragma('synchronous = FULL');
    db.exec(`BEGIN IMMEDIATE;${schema}COMMIT;`);
  } finally {
    db.close();
  }
}
