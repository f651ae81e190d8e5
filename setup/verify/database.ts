import { existsSync } from 'node:fs';
import { type CentralDb, openCentralDb } from '../../src/db/central/index.js';
import { nodeChanged } from '../../src/db/node-changed.js';
import { codeOf, reasonOf, WharfieError } from '../../src/errors.js';
import type { Problem } from './types.js';

export interface OpenedDatabase {
  db: CentralDb | null;
  problem: Problem | null;
}

/** Opens the database for as long as it is looked at, and for what is repaired in it then. */
export async function withDatabase<T>(file: string, use: (opened: OpenedDatabase) => Promise<T>): Promise<T> {
  const opened = openDatabase(file);
  try {
    return await use(opened);
  } finally {
    opened.db?.close();
  }
}

function openDatabase(file: string): OpenedDatabase {
  if (!existsSync(file)) return { db: null, problem: null };
  let db: CentralDb | null = null;
  try {
    db = openCentralDb(file);
    const damage = db.pragma('quick_check(1)', { simple: true });
    if (damage === 'ok') return { db, problem: null };
    db.close();
    return { db: null, problem: damaged(String(damage)) };
  } catch (error) {
    db?.close();
    if (error instanceof WharfieError) return { db: null, problem: error };
    const code = codeOf(error);
    if (code === 'ERR_DLOPEN_FAILED') return { db: null, problem: nodeChanged() };
    if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return { db: null, problem: damaged(reasonOf(error)) };
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return { db: null, problem: locked() };
    // It may be as whole as ever: nobody is told to move it away.
    if (code.startsWith('SQLITE_')) return { db: null, problem: unusable(reasonOf(error)) };
    throw error;
  }
}

function damaged(why: string): Problem {
  return {
    code: 'database-damaged',
    message: `data/v2.db cannot be used: ${why.slice(0, 200)}`,
    fix: './wharfie backup --list, then ./wharfie backup --restore <file>; where there is no backup: mv data/v2.db data/v2.db.damaged, and register the chats again',
  };
}

function locked(): Problem {
  return {
    code: 'database-locked',
    message: 'Another program holds data/v2.db and does not let go of it.',
    fix: 'End that program (fuser data/v2.db shows its number), then run ./wharfie verify',
  };
}

function unusable(why: string): Problem {
  return {
    code: 'database-unusable',
    message: `data/v2.db cannot be used now: ${why.slice(0, 200)}`,
    fix: 'Make data/ and what is in it writable for this user (sudo chown -R "$(id -u)" data); where the disk is full, free some space',
  };
}
