import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';

/** What the sessions' ledgers say: how much is still to be done, and what came to nothing. */
export interface Ledgers {
  /** Messages without an end, and deliveries without one. */
  open: number;
  unknown: number;
  dead: number;
  failed: number;
}

const QUERY = `SELECT
  (SELECT count(*) FROM messages_in WHERE status = 'pending' AND trigger = 1)
    + (SELECT count(*) FROM delivered WHERE next_attempt_at IS NOT NULL) AS open,
  (SELECT count(*) FROM delivered WHERE state = 'unknown') AS unknown,
  (SELECT count(*) FROM delivered WHERE state = 'dead') AS dead,
  (SELECT count(*) FROM messages_in WHERE status = 'failed') AS failed`;

/** All sessions of an installation together. Throws while a host that was killed has left one in the middle of a write. */
export function readLedgers(home: string): Ledgers {
  const sum: Ledgers = { open: 0, unknown: 0, dead: 0, failed: 0 };
  for (const file of filesBelow(path.join(home, 'data', 'v2-sessions'), 'inbound.db')) {
    const row = readOne(file, (db) => db.prepare<[], Ledgers>(QUERY).get());
    if (!row) continue;
    sum.open += row.open;
    sum.unknown += row.unknown;
    sum.dead += row.dead;
    sum.failed += row.failed;
  }
  return sum;
}

/** Sessions whose oldest open message has been charged this many tries or more. */
export function sessionsTried(home: string, tries: number): string[] {
  const query = 'SELECT id FROM sessions WHERE tries >= ?';
  return readOne(path.join(home, 'data', 'v2.db'), (db) =>
    db.prepare<[number], string>(query).pluck().all(tries),
  );
}

/** A runner that the process engine has on record; it may have ended. */
export interface RunnerRecord {
  sessionId: string;
  pid: number;
  startTime: string;
}

export function runnerRecords(home: string): RunnerRecord[] {
  return filesBelow(path.join(home, 'data', 'processes'), '.json').flatMap((file) => {
    const found = recordSchema.safeParse(readJson(file));
    return found.success ? [found.data] : [];
  });
}

const recordSchema = z.object({ sessionId: z.string(), pid: z.number(), startTime: z.string() });

function readOne<T>(file: string, query: (db: Database.Database) => T): T {
  const db = new Database(file, { readonly: true });
  try {
    return query(db);
  } finally {
    db.close();
  }
}

function filesBelow(folder: string, ending: string): string[] {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name));
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Removed meanwhile: that runner has ended.
    return null;
  }
}
