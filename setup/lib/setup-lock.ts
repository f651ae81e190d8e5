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
export function withSetupLock<T>(dataDir: string, clock: Clock, work: () => T | Promise<T>): Promise<T> {
  return withLock(dataDir, 'setup.lock', clock, busy, work);
}

/**
 * Keeps a second update out for as long as one is under way. It is a lock of its own, since an update runs other steps,
 * each of which takes the setup lock. Throws `update-running`.
 */
export function withUpdateLock<T>(dataDir: string, clock: Clock, work: () => T | Promise<T>): Promise<T> {
  return withLock(dataDir, 'update.lock', clock, updating, work);
}

async function withLock<T>(
  dataDir: string,
  name: string,
  clock: Clock,
  refusal: () => WharfieError,
  work: () => T | Promise<T>,
): Promise<T> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const db = await take(join(dataDir, name), clock, refusal);
  try {
    return await work();
  } finally {
    db.close();
  }
}

async function take(file: string, clock: Clock, refusal: () => WharfieError): Promise<Database.Database> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const db = new Database(file, { timeout: 0 });
    try {
      db.exec('BEGIN EXCLUSIVE');
      return db;
    } catch (error) {
      db.close();
      if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
      if (clock.monotonic() >= until) throw refusal();
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

function updating(): WharfieError {
  return new WharfieError(
    'update-running',
    'Another update of this installation is under way.',
    'Wait until it has ended, then run this one again.',
  );
}
