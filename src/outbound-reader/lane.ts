import type { Clock } from '../clock.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { type ReaderAnswer, type ReaderProcess, type ReadRequest, startReader } from './reader-process.js';

const RESTART_PAUSE_MS = 1000;

interface Task {
  request: ReadRequest;
  resolve(answer: LaneAnswer): void;
}

/** `unavailable`: the process cannot be started now; no file is to blame. */
export type LaneAnswer = ReaderAnswer | { kind: 'unavailable' };

export interface LaneDeps {
  sessionsDir: string;
  clock: Clock;
  log: Log;
  deadlineMs: number;
  /** End the process when nothing is left to read. */
  transient: boolean;
}

/** One reader process and the queue before it. A deadline runs from the moment that a request is at the front. */
export class Lane {
  readonly #deps: LaneDeps;
  readonly #queue: Task[] = [];
  #process: ReaderProcess | null = null;
  #working = false;
  #closed = false;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  /** Of the running process, for the log and for tests. */
  get pid(): number | undefined {
    return this.#process?.alive ? this.#process.pid : undefined;
  }

  read(request: ReadRequest): Promise<LaneAnswer> {
    return new Promise((resolve) => {
      this.#queue.push({ request, resolve });
      if (!this.#working) void this.#work();
    });
  }

  release(sessionId: string): void {
    this.#process?.release(sessionId);
  }

  close(): void {
    this.#closed = true;
    this.#process?.kill();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let task = this.#queue.shift(); task; task = this.#queue.shift()) {
      const reader = await this.#running();
      task.resolve(reader ? await reader.read(task.request, this.#deps.deadlineMs) : { kind: 'unavailable' });
    }
    this.#working = false;
    if (this.#deps.transient) this.#process?.kill();
  }

  async #running(): Promise<ReaderProcess | null> {
    const { clock, log } = this.#deps;
    if (this.#process?.alive) return this.#process;
    if (this.#closed || clock.monotonic() - this.#failedAt < RESTART_PAUSE_MS) return null;
    this.#process = await startReader(this.#deps).catch((error: unknown) => {
      log.error({ reason: reasonOf(error) }, 'the outbound reader cannot be started');
      return null;
    });
    if (this.#closed) this.#process?.kill();
    if (this.#process?.alive) return this.#process;
    this.#failedAt = clock.monotonic();
    if (!this.#closed) log.error('the outbound reader does not start; what agents say waits');
    return null;
  }
}
