import Database from 'better-sqlite3';
import { WharfieError } from '../../errors.js';
import { makePrivate } from '../private-file.js';
import { migrations } from './migrations/index.js';
import type { Migration } from './migrations/types.js';

/** Branded: a query on another database does not compile. */
export type CentralDb = Database.Database & { readonly __db?: 'central' };

/** Opens `data/v2.db`, creating and migrating it as needed. Throws `database-newer` for a file of a later version. */
export function openCentralDb(file: string): CentralDb {
  const db = new Database(file, { timeout: 5000 });
  try {
    makePrivate(file);
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = FULL');
    db.pragma('foreign_keys = ON');
    migrate(db, migrations);
    return db;
  } catch (error) {
    // Nobody else could close it, and others wait for it to be closed.
    db.close();
    throw error;
  }
}

/** Applies what is missing, each in its own transaction, and refuses a database that knows more than this code. */
export function migrate(db: CentralDb, wanted: readonly Migration[]): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)');
  const applied = new Set(db.prepare<[], string>('SELECT name FROM migrations').pluck().all());
  const unknown = [...applied].filter((name) => !wanted.some((migration) => migration.name === name));
  if (unknown.length > 0) {
    throw new WharfieError(
      'database-newer',
      `The database was written by a newer version (unknown migrations: ${unknown.join(', ')}).`,
      'Update this checkout (git pull && npm install), or restore the backup made before the update.',
    );
  }
  const apply = db.transaction((migration: Migration) => {
    // Two processes may open a fresh database together: whoever is second finds the work done.
    if (db.prepare('SELECT 1 FROM migrations WHERE name = ?').get(migration.name)) return;
    db.exec(migration.sql);
    db.prepare('INSERT INTO migrations (name, applied_at) VALUES (?, ?)').run(migration.name, Date.now());
  });
  for (const migration of wanted) {
    if (!applied.has(migration.name)) apply.immediate(migration);
  }
}
