import type Database from 'better-sqlite3';

/** What `build` makes of a database handle, made once per handle: prepared statements belong in here. */
export function perHandle<T>(build: (db: Database.Database) => T): (db: Database.Database) => T {
  const made = new WeakMap<Database.Database, T>();
  return (db) => {
    const known = made.get(db);
    if (known !== undefined) return known;
    const fresh = build(db);
    made.set(db, fresh);
    return fresh;
  };
}
