import { Worker } from 'node:worker_threads';

// Plain JavaScript in a string: a worker started from a file would load the TypeScript loader a second time.
const CODE = `
const { state, clockMs, cpuMs } = require('node:worker_threads').workerData;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
for (;;) {
  const task = Atomics.load(state, 0);
  if (task === 0) { Atomics.wait(state, 0, 0); continue; }
  const [began, used] = [performance.now(), cpu()];
  for (;;) {
    const left = clockMs - (performance.now() - began);
    if (left <= 0 || cpu() - used >= cpuMs) process.kill(process.pid, 'SIGKILL');
    if (Atomics.wait(state, 0, task, Math.min(Math.max(left, 1), cpuMs / 10)) !== 'timed-out') break;
  }
}`;

/** How long one task of this process may take: by the clock, and in CPU time of the whole process. */
export interface Limit {
  clockMs: number;
  cpuMs?: number;
}

/**
 * A thread that kills this process when one task does not end: what strangers wrote can hang the main thread for ever,
 * and a host that was killed meanwhile cannot end it. `begin` before a task, `end` after it.
 */
export function limitSelf({ clockMs, cpuMs = Number.POSITIVE_INFINITY }: Limit): {
  begin(): void;
  end(): void;
} {
  const state = new Int32Array(new SharedArrayBuffer(4));
  let tasks = 0;
  const worker = new Worker(CODE, { eval: true, workerData: { state, clockMs, cpuMs }, execArgv: [] });
  worker.unref();
  const set = (value: number) => {
    Atomics.store(state, 0, value);
    Atomics.notify(state, 0);
  };
  return {
    begin() {
      tasks = (tasks % 1_000_000) + 1;
      set(tasks);
    },
    end: () => set(0),
  };
}
