import Database from 'better-sqlite3';
import { makePrivate } from './private-file.js';

/** What the Chat SDK remembers (`data/chat-sdk.db`): values, lists, locks, queues and subscriptions by key. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS entry (
  key        TEXT PRIMARY KEY,
  value      TEXT NOT NULL,
  expires_at INTEGER
);
CREATE INDEX IF NOT EXISTS entry_expiry ON entry (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS item (
  n          INTEGER PRIMARY KEY AUTOINCREMENT,
  list       TEXT NOT NULL,
  value      TEXT NOT NULL,
  expires_at INTEGER
);
CREATE INDEX IF NOT EXISTS item_list ON item (list, n);
`;

interface EntryRow {
  value: string;
  expires_at: number | null;
}

interface ItemRow {
  n: number;
  value: string;
  expires_at: number | null;
}

/** Opens the file, creating it; `now` is the wall clock, epoch milliseconds. What has expired is never returned. */
export function openChatState(file: string, now: () => number) {
  const db = new Database(file, { timeout: 5000 });
  makePrivate(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(SCHEMA);
  db.prepare<[number]>('DELETE FROM entry WHERE expires_at <= ?').run(now());
  db.prepare<[number]>('DELETE FROM item WHERE expires_at <= ?').run(now());

  const read = db.prepare<[string], EntryRow>('SELECT value, expires_at FROM entry WHERE key = ?');
  const write = db.prepare<[string, string, number | null]>(
    'INSERT INTO entry (key, value, expires_at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at',
  );
  const remove = db.prepare<[string]>('DELETE FROM entry WHERE key = ?');
  const removeItems = db.prepare<[string]>('DELETE FROM item WHERE list = ?');
  const items = db.prepare<[string], ItemRow>(
    'SELECT n, value, expires_at FROM item WHERE list = ? ORDER BY n',
  );
  const append = db.prepare<[string, string, number | null]>(
    'INSERT INTO item (list, value, expires_at) VALUES (?, ?, ?)',
  );
  const refresh = db.prepare<[number | null, string]>('UPDATE item SET expires_at = ? WHERE list = ?');
  const removeItem = db.prepare<[number]>('DELETE FROM item WHERE n = ?');
  const trim = db.prepare<[string, string, number]>(
    'DELETE FROM item WHERE list = ? AND n NOT IN (SELECT n FROM item WHERE list = ? ORDER BY n DESC LIMIT ?)',
  );

  const valid = (row: { expires_at: number | null }) => row.expires_at === null || row.expires_at > now();
  const get = (key: string): string | null => {
    const row = read.get(key);
    return row && valid(row) ? row.value : null;
  };

  return {
    get,
    set(key: string, value: string, expiresAt: number | null): void {
      write.run(key, value, expiresAt);
    },
    /** False where the key has a value already. */
    setNew: db.transaction((key: string, value: string, expiresAt: number | null): boolean => {
      if (get(key) !== null) return false;
      write.run(key, value, expiresAt);
      return true;
    }),
    /** Replaces the value only where it is `expected`. */
    swap: db.transaction((key: string, expected: string, value: string | null, expiresAt: number | null) => {
      if (get(key) !== expected) return false;
      if (value === null) remove.run(key);
      else write.run(key, value, expiresAt);
      return true;
    }),
    delete: db.transaction((key: string): void => {
      remove.run(key);
      removeItems.run(key);
    }),
    list: (list: string): string[] =>
      items
        .all(list)
        .filter(valid)
        .map((row) => row.value),
    /** Appends, keeps the newest `max`, gives the whole list this expiry where asked. Returns its length. */
    push: db.transaction(
      (list: string, value: string, max: number, expiresAt: number | null, all: boolean) => {
        for (const row of items.all(list)) if (!valid(row)) removeItem.run(row.n);
        append.run(list, value, expiresAt);
        if (all) refresh.run(expiresAt, list);
        trim.run(list, list, max);
        return items.all(list).length;
      },
    ),
    /** Takes the oldest that has not expired. */
    shift: db.transaction((list: string): string | null => {
      for (const row of items.all(list)) {
        removeItem.run(row.n);
        if (valid(row)) return row.value;
      }
      return null;
    }),
    close: () => void db.close(),
  };
}

export type ChatStateStore = ReturnType<typeof openChatState>;
