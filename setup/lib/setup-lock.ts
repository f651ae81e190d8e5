import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Clock, sleep } from '../../src/clock.js';
import { codeOf, WharfieError } from '../../src/errors.js';

const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 100;

/**
 * Runs `work` while no other step of this installation that changes files (`.env`, the barrel, packages, the image)
 * does. The lock is an exclusive transaction on `<dataDir>/setup.lock`: the kernel frees it when the process dies.
 * Throws `setup-busy` when another step holds it for more than 5 s.
 */
export async function withSetupLock<T>(
  dataDir: string,
  clock: Clock,
  work: () => T | Promise<T>,
): Promise<T> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = await take(join(dataDir, 'setup.lock'), clock);
  try {
    return await work();
  } finally {
    db.close();
  }
}

async function take(file: string, clock: Clock): Promise<Database.Database> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const db = new Database(file, { timeout: 0 });
    try {
      db.exec('BEGIN EXCLUSIVE');
      return db;
    } catch (error) {
      db.close();
      if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
      if (clock.monotonic() >= until) throw busy();
    }
    await sleep(clock, LOOK_EVERY_MS);
  }
}

function busy(): WharfieError {
  return new WharfieError(
    'setup-busy',
    'Another setup step is changing this installation.',
    'Wait until it has ended, then run this one again.',
  );
}
