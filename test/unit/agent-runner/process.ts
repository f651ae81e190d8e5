import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestSession } from './session.js';

const MAIN = fileURLToPath(new URL('../../../container/agent-runner/src/main.ts', import.meta.url));
/** Another Node may be named, to try the one of the image: it needs no tsx. */
const NODE = process.env.WHARFIE_TEST_NODE ?? process.execPath;
const ARGS = NODE === process.execPath ? ['--import', 'tsx'] : [];

/** The real runner as a process, started as the process engine does. */
export function startRunner(session: TestSession, env: Record<string, string> = {}) {
  const child: ChildProcessWithoutNullStreams = spawn(NODE, [...ARGS, MAIN], {
    env: { PATH: process.env.PATH, ...session.env(env) },
    stdio: 'pipe',
    // A process group of its own, as the process engine gives it: what it started ends with it.
    detached: true,
  });
  let [log, bytes] = ['', ''];
  let check = () => {};
  child.stderr.on('data', (data: Buffer) => {
    log += data.toString();
    check();
  });
  child.stdout.on('data', (data: Buffer) => {
    bytes += data.toString();
    check();
  });
  child.stdin.on('error', () => {});
  const gone = once(child, 'close').then(([code, signal]: unknown[]) => ({ code, signal }));
  return {
    child,
    gone,
    log: () => log,
    stdout: () => bytes,
    ring: () => child.stdin.write('\n'),
    /** Resolves when a ring or a log line finds the condition true. */
    async until(condition: () => boolean) {
      if (condition()) return;
      await Promise.race([
        new Promise<void>((resolve) => {
          check = () => condition() && resolve();
        }),
        gone.then((end) => {
          if (!condition()) throw new Error(`the runner ended (${JSON.stringify(end)}): ${log}`);
        }),
      ]);
      check = () => {};
    },
    async kill() {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, 'SIGKILL');
      await gone;
    },
  };
}
