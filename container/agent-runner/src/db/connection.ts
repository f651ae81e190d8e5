import type { OpenSqlite, SqliteDb } from './driver.ts';

/** In the container a lock may be waited for: only this session waits. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * The order is the one that works with a journal that is a mounted file: taking the lock for good before the first
 * read makes SQLite roll a hot journal back without unlinking it, and only then is the journal mode changed.
 */
const OPEN_OUTBOUND = `
PRAGMA locking_mode = EXCLUSIVE;
SELECT count(*) FROM sqlite_schema;
PRAGMA journal_mode = TRUNCATE;
PRAGMA locking_mode = NORMAL;
SELECT count(*) FROM sqlite_schema;
PRAGMA synchronous = FULL;
`;

/** Opens the file that this runner alone writes, rolling back what a killed one left. */
export function openOutbound(open: OpenSqlite, file: string): SqliteDb {
  const db = open(file, { readOnly: false, busyTimeoutMs: BUSY_TIMEOUT_MS });
  db.exec(OPEN_OUTBOUND);
  return db;
}

/** Opens the host's file, for reading only. Statements here end before the next await, so that the host can write. */
export function openInbound(open: OpenSqlite, file: string): SqliteDb {
  return open(file, { readOnly: true, busyTimeoutMs: BUSY_TIMEOUT_MS });
}
