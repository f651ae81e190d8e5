import inspector from 'node:inspector';
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** Notes what the host does from now on, in case it never ends. Gives back how to note that it has ended. */
  doing(what: string): () => void;
  /** The longest time that the event loop stood still since the start, milliseconds; 0: less than a second. */
  longestStopMs(): number;
  stop(): void;
}

export interface WatchdogOptions {
  /** Gets the last line. */
  logFile: string;
  /** What is run, once, where nobody else starts the host again; null: somebody does, or a person has to. */
  restart: { file: string; args: readonly string[] } | null;
  limitMs?: number;
}

/** How often the event loop shows that it runs, and how often that is looked at. */
const TICK_MS = 500;
const LIMIT_MS = 30_000;
/** A stop that is worth a figure. */
const NOTED_MS = 1_000;
const LONGEST_TEXT = 300;
/** Tells a host that it is the one that was started again. */
const STARTED_AGAIN = 'WHARFIE_STARTED_AGAIN';

const [BEATS, DEBUGGED, LONGEST, LENGTH, STOPPED] = [0, 1, 2, 3, 4];

// Plain JavaScript in a string: a worker started from a file would load the TypeScript loader a second time.
const CODE = `
const { appendFileSync, writeSync } = require('node:fs');
const { spawn } = require('node:child_process');
const { state, text, tickMs, limitMs, notedMs, logFile, restart, mark } = require('node:worker_threads').workerData;
let [beat, still, last] = [Atomics.load(state, ${BEATS}), 0, performance.now()];
while (Atomics.wait(state, ${STOPPED}, 0, tickMs) === 'timed-out') {
  const now = performance.now();
  const gap = now - last;
  last = now;
  const current = Atomics.load(state, ${BEATS});
  // Where this thread itself did not run, the machine slept or somebody stopped the process: that is no hang.
  still = current !== beat || gap > 10 * tickMs || Atomics.load(state, ${DEBUGGED}) ? 0 : still + gap;
  beat = current;
  if (still >= notedMs && still > Atomics.load(state, ${LONGEST})) Atomics.store(state, ${LONGEST}, Math.round(still));
  if (still < limitMs) continue;
  const doing = Buffer.from(text).toString('utf8', 0, Atomics.load(state, ${LENGTH}));
  const msg = 'the host stood still and is ended' + (restart ? '; it is started again, once' : '');
  const line = JSON.stringify({ level: 60, time: Date.now(), pid: process.pid, doing, stoodStillMs: Math.round(still), msg }) + '\\n';
  try { writeSync(2, line); } catch {}
  try { appendFileSync(logFile, line, { mode: 0o600 }); } catch {}
  try {
    if (restart) spawn(restart.file, restart.args, { detached: true, stdio: ['ignore', 1, 2], env: { ...process.env, [mark]: '1' } });
  } catch {}
  process.kill(process.pid, 'SIGKILL');
}`;

/**
 * A thread that ends a host whose event loop stands still: it reads no message, sends nothing, and no service manager
 * notices. What was under way is tried again by the next one, and set aside if it does it again.
 */
export function startWatchdog({ logFile, restart, limitMs = LIMIT_MS }: WatchdogOptions): Watchdog {
  const state = new Int32Array(new SharedArrayBuffer(20));
  const text = new Uint8Array(new SharedArrayBuffer(LONGEST_TEXT));
  const again = process.env[STARTED_AGAIN] ? null : restart;
  const worker = new Worker(CODE, {
    eval: true,
    execArgv: [],
    workerData: {
      ...{ state, text, limitMs, logFile, restart: again },
      ...{ tickMs: TICK_MS, notedMs: NOTED_MS, mark: STARTED_AGAIN },
    },
  });
  worker.unref();
  const beating = setInterval(() => {
    Atomics.store(state, DEBUGGED, inspector.url() === undefined ? 0 : 1);
    Atomics.add(state, BEATS, 1);
  }, TICK_MS);
  beating.unref();
  const underWay = new Set<{ what: string }>();
  const tell = () => {
    const said = [...underWay].at(-1)?.what ?? '';
    const { written } = new TextEncoder().encodeInto(said, text);
    Atomics.store(state, LENGTH, written);
  };
  return {
    doing(what) {
      const one = { what };
      underWay.add(one);
      tell();
      return () => {
        underWay.delete(one);
        tell();
      };
    },
    longestStopMs: () => Atomics.load(state, LONGEST),
    stop() {
      clearInterval(beating);
      Atomics.store(state, STOPPED, 1);
      Atomics.notify(state, STOPPED);
    },
  };
}
