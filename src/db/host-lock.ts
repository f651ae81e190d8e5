import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { codeOf, reasonOf, WharfieError } from '../errors.js';
import { nodeChanged } from './node-changed.js';
import { makePrivate } from './private-file.js';

/** Codes: `host-already-running`, `data-not-writable`. */
export class HostLockError extends WharfieError {}

/** Keep a reference to it for as long as the lock is wanted: the lock goes with the open file. */
export interface HostLock {
  release(): void;
}

/**
 * Takes the right to own this installation's sessions: an exclusive transaction on `<dataDir>/host.lock`, which the
 * kernel frees when the process dies, however it dies. `<dataDir>/host.pid` only serves the message for the second.
 * Nothing else in the process may open `host.lock`: closing that descriptor would drop the lock.
 */
export function acquireHostLock(dataDir: string, pid: number = process.pid): HostLock {
  const pidFile = join(dataDir, 'host.pid');
  const db = openLocked(join(dataDir, 'host.lock'), dataDir, () => readPid(pidFile));
  try {
    writeFileSync(pidFile, `${pid}\n`, { mode: 0o600 });
  } catch (error) {
    db.close();
    throw notWritable(dataDir, error);
  }
  return {
    release() {
      if (!db.open) return;
      rmSync(pidFile, { force: true });
      db.close();
    },
  };
}

function openLocked(file: string, dataDir: string, holder: () => number | null): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    makePrivate(file);
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    if (codeOf(error) === 'ERR_DLOPEN_FAILED') throw nodeChanged();
    if (!codeOf(error).startsWith('SQLITE_BUSY')) throw notWritable(dataDir, error);
    const pid = holder();
    throw new HostLockError(
      'host-already-running',
      `Another host is already running on ${dataDir}${pid === null ? '' : ` (pid ${pid})`}.`,
      pid === null
        ? 'Stop that host first; npm run chat talks to it.'
        : `Talk to it with npm run chat, or stop it first: kill ${pid}`,
      { cause: error },
    );
  }
}

function readPid(file: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function notWritable(dataDir: string, cause: unknown): HostLockError {
  return new HostLockError(
    'data-not-writable',
    `The folder ${dataDir} cannot be used for the host's lock (${reasonOf(cause)}).`,
    `Make it writable for this user: mkdir -p ${dataDir} && chown -R "$(id -u)" ${dataDir}`,
    { cause },
  );
}
