import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const run = (script: string, limit: object = { clockMs: 200 }) => {
  const module = new URL('../../../src/async/self-limit.ts', import.meta.url).href;
  const code = `import { limitSelf } from '${module}'; const limit = limitSelf(${JSON.stringify(limit)}); ${script}`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    timeout: 20_000,
  });
};

test('a read that does not end ends the process, though nothing else in it can run', () => {
  expect(run('limit.begin(); for (;;);').signal).toBe('SIGKILL');
});

test('reads that end, and pauses between them, end nothing', () => {
  const { status, signal } = run(
    'limit.begin(); limit.end(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); limit.begin(); limit.end();',
  );
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});

test('a task that only computes ends the process by its CPU time, one that waits does not', () => {
  const limit = { clockMs: 60_000, cpuMs: 200 };
  expect(run('limit.begin(); for (;;);', limit).signal).toBe('SIGKILL');
  const { status, signal } = run(
    'limit.begin(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000); limit.end();',
    limit,
  );
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});
