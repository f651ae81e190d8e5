import { existsSync } from 'node:fs';
import type { Clock } from '../clock.js';
import { type InboundDb, openInbound } from '../db/inbound/index.js';
import { BatchWriter, type BatchWriterDeps } from './batch-writer.js';
import { createSessionFiles } from './create-files.js';
import { asSessionError, closed } from './errors.js';
import type { SessionPaths } from './types.js';

/** The host's hold on one session's inbound.db: a handle that is opened when needed, and its writer. */
export interface InboundFile {
  readonly writer: BatchWriter;
  db(): InboundDb;
  /** Forgets the handle; the next use opens the file again. */
  discard(): void;
}

export function createInboundFile(
  paths: SessionPaths,
  deps: Pick<BatchWriterDeps, 'clock' | 'beforeCommit' | 'afterCommit' | 'onStuck'>,
): InboundFile {
  let handle: InboundDb | null = null;
  const db = (): InboundDb => {
    if (handle) return handle;
    try {
      if (!existsSync(paths.root)) createSessionFiles(paths.root);
      handle = openInbound(paths.inboundDb);
      return handle;
    } catch (error) {
      throw asSessionError(error, paths.root);
    }
  };
  const discard = () => {
    // Closing rolls back what was not committed.
    handle?.close();
    handle = null;
  };
  return { db, discard, writer: new BatchWriter({ ...deps, root: paths.root, open: db, discard }) };
}

/**
 * Keeps the handles of the sessions used last. Closing one that is written to waits for its writer: it stays in the
 * map, beyond the bound where need be, until it is idle.
 */
export class Handles {
  readonly #files = new Map<string, InboundFile>();
  readonly #max: number;
  readonly #make: (sessionId: string) => InboundFile;
  #closed = false;

  constructor(deps: { max: number; make(sessionId: string): InboundFile }) {
    this.#max = deps.max;
    this.#make = deps.make;
  }

  get(sessionId: string): InboundFile {
    if (this.#closed) throw closed();
    const file = this.#files.get(sessionId) ?? this.#make(sessionId);
    // A Map keeps the order of insertion: last used is last.
    this.#files.delete(sessionId);
    this.#files.set(sessionId, file);
    this.#shrink(sessionId);
    return file;
  }

  release(sessionId: string): void {
    const file = this.#files.get(sessionId);
    if (file?.writer.busy) void file.writer.idle().then(() => this.release(sessionId));
    else if (file) this.#drop(sessionId, file);
  }

  /** Lets writers finish for `graceMs` (a lock may be held for ever), then refuses the rest and closes all. */
  async close(clock: Clock, graceMs: number): Promise<void> {
    this.#closed = true;
    const files = [...this.#files.values()];
    const allIdle = Promise.all(files.map((file) => file.writer.idle()));
    await Promise.race([allIdle, new Promise<void>((resolve) => clock.after(graceMs, resolve))]);
    for (const file of files) file.writer.close();
    await allIdle;
    for (const [sessionId, file] of this.#files) this.#drop(sessionId, file);
  }

  #shrink(keep: string): void {
    for (const [sessionId, file] of this.#files) {
      if (this.#files.size <= this.#max) return;
      if (sessionId !== keep && !file.writer.busy) this.#drop(sessionId, file);
    }
  }

  #drop(sessionId: string, file: InboundFile): void {
    this.#files.delete(sessionId);
    file.discard();
  }
}
