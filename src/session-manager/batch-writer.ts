import { doubling } from '../async/backoff.js';
import type { Clock } from '../clock.js';
import type { InboundDb } from '../db/inbound/index.js';
import { codeOf } from '../errors.js';
import { closed, isBusy, locked } from './errors.js';

const RETRIES = { firstMs: 5, longestMs: 200 };
/** After this long the holder of the lock is killed … */
const STUCK_MS = 3000;
/** … and after this long the writes are given up, so that their senders hear of it. */
const GIVE_UP_MS = 30_000;

export interface BatchWriterDeps {
  root: string;
  clock: Clock;
  /** The open handle; may throw BUSY while a hot journal cannot be rolled back. */
  open(): InboundDb;
  /** Closes a handle that gave an error which may not be its last. */
  discard(): void;
  /** In the transaction, before the file is written. */
  beforeCommit(db: InboundDb): void;
  /** After the commit; must not throw. */
  afterCommit(db: InboundDb): void;
  /** A lock was held for 3 s; once per transaction. */
  onStuck(): void;
}

interface Job {
  change: (db: InboundDb) => unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Group commit on one file: what arrives in the same turn of the event loop shares a transaction and its fsync. */
export class BatchWriter {
  readonly #deps: BatchWriterDeps;
  #waiting: Job[] = [];
  #drained: Promise<void> | null = null;
  #closing = false;

  constructor(deps: BatchWriterDeps) {
    this.#deps = deps;
  }

  /** True while something is queued, running, or waiting for a lock. */
  get busy(): boolean {
    return this.#drained !== null;
  }

  write<T>(change: (db: InboundDb) => T): Promise<T> {
    if (this.#closing) return Promise.reject(closed());
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.#waiting.push({
        change: (db) => {
          result = change(db);
        },
        resolve: () => resolve(result),
        reject,
      });
      this.#drained ??= this.#drain();
    });
  }

  /** Resolves once nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.#drained) await this.#drained;
  }

  /** Refuses what is still waiting for a lock, and everything that comes later. */
  close(): void {
    this.#closing = true;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // One turn of the event loop: everything that is ready to be written gets on.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#commit(this.#waiting.splice(0));
    }
    this.#drained = null;
  }

  async #commit(jobs: Job[]): Promise<void> {
    const patience = this.#patience();
    let settle: (() => void)[];
    try {
      const db = await patience(() => begin(this.#deps.open()));
      settle = jobs.map((job) => run(db, job));
      this.#deps.beforeCommit(db);
      // A commit that finds a reader keeps its place in the queue of locks: only the commit is tried again, each
      // change runs once, and no new reader gets in before it.
      await patience(() => db.exec('COMMIT'));
      this.#deps.afterCommit(db);
    } catch (error) {
      this.#deps.discard();
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const done of settle) done();
  }

  /** Tries again while SQLite says BUSY, from a timer; the time is counted over the whole transaction. */
  #patience(): <T>(attempt: () => T) => Promise<T> {
    const { clock } = this.#deps;
    let since: number | null = null;
    let told = false;
    let failures = 0;
    return async (attempt) => {
      for (;;) {
        try {
          return attempt();
        } catch (error) {
          if (!isBusy(error)) throw error;
        }
        if (this.#closing) throw closed();
        since ??= clock.monotonic();
        const waited = clock.monotonic() - since;
        if (waited >= GIVE_UP_MS) throw locked(this.#deps.root);
        if (waited >= STUCK_MS && !told) {
          told = true;
          this.#deps.onStuck();
        }
        failures++;
        await new Promise<void>((resolve) => clock.after(doubling(failures, RETRIES), resolve));
      }
    };
  }
}

function begin(db: InboundDb): InboundDb {
  db.exec('BEGIN IMMEDIATE');
  return db;
}

/** Runs one change in its savepoint; gives what to tell its caller once the transaction is committed. */
function run(db: InboundDb, job: Job): () => void {
  db.exec('SAVEPOINT change');
  try {
    job.change(db);
    db.exec('RELEASE change');
    return () => job.resolve(undefined);
  } catch (error) {
    // A full disk ends the whole transaction, and an unreadable page may: then none of the changes happened.
    if (!db.inTransaction || codeOf(error).startsWith('SQLITE_CORRUPT')) throw error;
    db.exec('ROLLBACK TO change; RELEASE change');
    return () => job.reject(error);
  }
}
