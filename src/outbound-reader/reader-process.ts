import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../clock.js';
import type { Log } from '../log/index.js';
import { readerArgs } from '../own-programs.js';
import { type CheckedRead, checkMessage } from './parse-reply.js';
import type { ReaderRequest } from './protocol.js';

const START_MS = 20_000;

export type ReadRequest = Omit<Extract<ReaderRequest, { op: 'read' }>, 'op' | 'id'>;

/** `late`: no answer within the deadline; the process was killed · `gone`: it ended, or spoke nonsense and was killed. */
export type ReaderAnswer = CheckedRead | { kind: 'late' } | { kind: 'gone' };

/** One running reader process; asked one thing at a time. */
export interface ReaderProcess {
  readonly pid: number | undefined;
  readonly alive: boolean;
  read(request: ReadRequest, deadlineMs: number): Promise<ReaderAnswer>;
  release(sessionId: string): void;
  kill(): void;
}

/** Starts the process and resolves when it can be asked; null: it did not start. Rejects where there is no room for one. */
export async function startReader(deps: {
  sessionsDir: string;
  clock: Clock;
  log: Log;
}): Promise<ReaderProcess | null> {
  const reader = new Reader(spawnChild(deps.sessionsDir, deps.log), deps.clock);
  return new Promise((resolve) => {
    const started = deps.clock.after(START_MS, () => reader.kill());
    reader.child.on('message', (message) => {
      const checked = checkMessage(message);
      if (!checked) {
        deps.log.error('the outbound reader spoke nonsense and was killed');
        reader.kill();
      } else if (checked.event === 'read') {
        reader.answered(checked.id, checked.read);
      } else {
        started.cancel();
        if (checked.user === 'root') deps.log.warn({ folder: deps.sessionsDir }, KEEPS_ROOT);
        resolve(reader);
      }
    });
    const ended = () => {
      started.cancel();
      reader.ended();
      resolve(null);
    };
    reader.child.on('error', ended);
    reader.child.on('exit', ended);
  });
}

const KEEPS_ROOT = 'the outbound reader keeps root: its own user cannot reach the folder';

class Reader implements ReaderProcess {
  readonly child: ChildProcess;
  readonly #clock: Clock;
  #alive = true;
  #lastId = 0;
  #waiting: { id: number; settle(answer: ReaderAnswer): void } | null = null;

  constructor(child: ChildProcess, clock: Clock) {
    this.child = child;
    this.#clock = clock;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.#alive;
  }

  read(request: ReadRequest, deadlineMs: number): Promise<ReaderAnswer> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const timer = this.#clock.after(deadlineMs, () => afterPendingInput(() => this.#late(id)));
      const settle = (answer: ReaderAnswer) => {
        this.#waiting = null;
        timer.cancel();
        resolve(answer);
      };
      this.#waiting = { id, settle };
      if (this.#alive) this.#send({ op: 'read', id, ...request });
      else this.ended();
    });
  }

  release(sessionId: string): void {
    if (this.#alive) this.#send({ op: 'release', sessionId });
  }

  kill(): void {
    this.child.kill('SIGKILL');
    this.ended();
  }

  answered(id: number, read: CheckedRead): void {
    if (this.#waiting?.id === id) this.#waiting.settle(read);
  }

  ended(): void {
    this.#alive = false;
    this.#waiting?.settle({ kind: 'gone' });
  }

  #late(id: number): void {
    if (this.#waiting?.id !== id) return;
    this.#waiting.settle({ kind: 'late' });
    this.kill();
  }

  /** A process that cannot be written to has ended, or is about to. */
  #send(request: ReaderRequest): void {
    this.child.send(request, (error) => error && this.kill());
  }
}

/** An answer may lie in the pipe already when the event loop comes to the timer late: two rounds read all of it. */
function afterPendingInput(fn: () => void): void {
  setImmediate(() => setImmediate(fn));
}

function spawnChild(sessionsDir: string, log: Log): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, ['--max-old-space-size=128', ...readerArgs(), sessionsDir], {
    cwd: '/',
    env: Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value)),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log.warn({ said: text.slice(0, 2000) }, 'outbound reader');
  });
  child.unref();
  child.channel?.unref();
  return child;
}
