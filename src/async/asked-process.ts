import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../clock.js';
import type { Log } from '../log/index.js';

const START_MS = 20_000;

/** `late`: no answer within the deadline; the process was killed · `gone`: it ended, or spoke nonsense and was killed. */
export type Unanswered = { kind: 'late' } | { kind: 'gone' };

/** What a process said, once it is checked: that it can be asked, or the answer to a question. */
export type Said<Answer> = 'ready' | { id: number; answer: Answer };

export interface AskedProcessDeps<Answer> {
  /** For the log. */
  name: string;
  /** What Node has to be told to run it. */
  args: readonly string[];
  /** Megabytes that its heap may have. */
  heapMb: number;
  /** It may have been taken over by what it reads. Null: what it says is nonsense. */
  check(message: unknown): Said<Answer> | null;
  clock: Clock;
  log: Log;
}

/** A process of ours that does what could hang the host, behind Node's IPC channel; asked one thing at a time. */
export interface AskedProcess<Answer> {
  readonly pid: number | undefined;
  readonly alive: boolean;
  ask(question: object, deadlineMs: number): Promise<Answer | Unanswered>;
  tell(message: object): void;
  kill(): void;
}

/** Starts the process and resolves when it can be asked; null: it did not start. Rejects where there is no room for one. */
export async function startAskedProcess<Answer>(
  deps: AskedProcessDeps<Answer>,
): Promise<AskedProcess<Answer> | null> {
  const asked = new Asked<Answer>(spawnChild(deps), deps.clock);
  return new Promise((resolve) => {
    const started = deps.clock.after(START_MS, () => asked.kill());
    asked.child.on('message', (message) => {
      const said = deps.check(message);
      if (said === null) {
        deps.log.error(`the ${deps.name} spoke nonsense and was killed`);
        asked.kill();
      } else if (said === 'ready') {
        started.cancel();
        resolve(asked);
      } else {
        asked.answered(said.id, said.answer);
      }
    });
    const ended = () => {
      started.cancel();
      asked.ended();
      resolve(null);
    };
    asked.child.on('error', ended);
    asked.child.on('exit', ended);
  });
}

class Asked<Answer> implements AskedProcess<Answer> {
  readonly child: ChildProcess;
  readonly #clock: Clock;
  #alive = true;
  #lastId = 0;
  #waiting: { id: number; settle(answer: Answer | Unanswered): void } | null = null;

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

  ask(question: object, deadlineMs: number): Promise<Answer | Unanswered> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      const timer = this.#clock.after(deadlineMs, () => afterPendingInput(() => this.#late(id)));
      const settle = (answer: Answer | Unanswered) => {
        this.#waiting = null;
        timer.cancel();
        resolve(answer);
      };
      this.#waiting = { id, settle };
      if (this.#alive) this.#send({ ...question, id });
      else this.ended();
    });
  }

  tell(message: object): void {
    if (this.#alive) this.#send(message);
  }

  kill(): void {
    this.child.kill('SIGKILL');
    this.ended();
  }

  answered(id: number, answer: Answer): void {
    if (this.#waiting?.id === id) this.#waiting.settle(answer);
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
  #send(message: object): void {
    this.child.send(message, (error) => error && this.kill());
  }
}

/** An answer may lie in the pipe already when the event loop comes to the timer late: two rounds read all of it. */
function afterPendingInput(fn: () => void): void {
  setImmediate(() => setImmediate(fn));
}

function spawnChild<Answer>({ name, args, heapMb, log }: AskedProcessDeps<Answer>): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, ...args], {
    cwd: '/',
    env: Object.fromEntries(Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value)),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log.warn({ said: text.slice(0, 2000) }, name);
  });
  child.unref();
  child.channel?.unref();
  return child;
}
