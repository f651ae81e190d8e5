import { createRequire } from 'node:module';
import { RunnerError } from '../errors.ts';

export type SqlValue = string | number | null;

export interface Statement {
  all(...values: SqlValue[]): unknown[];
  get(...values: SqlValue[]): unknown;
  run(...values: SqlValue[]): unknown;
}

/** What `node:sqlite` and better-sqlite3 have in common. */
export interface SqliteDb {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** Opens an existing file; `busyTimeoutMs` is how long a statement may wait for a lock. */
export type OpenSqlite = (file: string, options: { readOnly: boolean; busyTimeoutMs: number }) => SqliteDb;

type Constructor = new (file: string, options: Record<string, unknown>) => SqliteDb;

function isConstructor(value: unknown): value is Constructor {
  return typeof value === 'function';
}

/** Node's own SQLite where it is stable (24, the image), else better-sqlite3, which every host has. */
export function loadSqlite(nodeVersion = process.versions.node): OpenSqlite {
  return Number(nodeVersion.split('.')[0]) >= 24 ? nodeSqlite() : betterSqlite();
}

function nodeSqlite(): OpenSqlite {
  const module = process.getBuiltinModule('node:sqlite');
  if (!module || !('DatabaseSync' in module) || !isConstructor(module.DatabaseSync)) {
    throw new RunnerError('no-sqlite', 'This Node has no node:sqlite.');
  }
  const DatabaseSync = module.DatabaseSync;
  return (file, { readOnly, busyTimeoutMs }) => new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs });
}

function betterSqlite(): OpenSqlite {
  const Database: unknown = createRequire(import.meta.url)('better-sqlite3');
  if (!isConstructor(Database))
    throw new RunnerError('no-sqlite', 'better-sqlite3 is not what it should be.');
  return (file, { readOnly, busyTimeoutMs }) =>
    new Database(file, { readonly: readOnly, fileMustExist: true, timeout: busyTimeoutMs });
}

const BUSY = 5;
const READONLY_ROLLBACK = 776;

/**
 * True for what passes by itself: the other side holds a lock, or was killed in a write and has not yet looked at
 * its file again. node:sqlite tells a number (`errcode`), better-sqlite3 a name (`code`).
 */
export function isLater(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('errcode' in error && typeof error.errcode === 'number') {
    return (error.errcode & 0xff) === BUSY || error.errcode === READONLY_ROLLBACK;
  }
  if (!('code' in error) || typeof error.code !== 'string') return false;
  return error.code.startsWith('SQLITE_BUSY') || error.code === 'SQLITE_READONLY_ROLLBACK';
}

/** Runs `change` in one transaction; nothing of it stays when it throws. */
export function transaction<T>(db: SqliteDb, change: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = change();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollback(db);
    throw error;
  }
}

function rollback(db: SqliteDb): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself (disk full, I/O error): the first error is the one that counts.
  }
}
