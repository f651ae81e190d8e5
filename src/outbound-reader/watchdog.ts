import { Worker } from 'node:worker_threads';

// Plain JavaScript in a string: a worker started from a file would load the TypeScript loader a second time.
const CODE = `
const { state, limitMs } = require('node:worker_threads').workerData;
for (;;) {
  const reading = Atomics.load(state, 0);
  if (reading === 0) Atomics.wait(state, 0, 0);
  else if (Atomics.wait(state, 0, reading, limitMs) === 'timed-out') process.kill(process.pid, 'SIGKILL');
}`;

/**
 * A thread that kills this process when one read does not end: SQLite in a hostile file can hang the main thread for
 * ever, and a host that was killed meanwhile cannot end it. `begin` before a read, `end` after it.
 */
export function startWatchdog(limitMs: number): { begin(): void; end(): void } {
  const state = new Int32Array(new SharedArrayBuffer(4));
  let reads = 0;
  const worker = new Worker(CODE, { eval: true, workerData: { state, limitMs }, execArgv: [] });
  worker.unref();
  const set = (value: number) => {
    Atomics.store(state, 0, value);
    Atomics.notify(state, 0);
  };
  return {
    begin() {
      reads = (reads % 1_000_000) + 1;
      set(reads);
    },
    end: () => set(0),
  };
}
