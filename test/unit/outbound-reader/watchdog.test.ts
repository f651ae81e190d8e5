import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const run = (script: string) => {
  const watchdog = new URL('../../../src/outbound-reader/watchdog.ts', import.meta.url).href;
  const code = `import { startWatchdog } from '${watchdog}'; const dog = startWatchdog(200); ${script}`;
  return spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    timeout: 20_000,
  });
};

test('a read that does not end ends the process, though nothing else in it can run', () => {
  expect(run('dog.begin(); for (;;);').signal).toBe('SIGKILL');
});

test('reads that end, and pauses between them, end nothing', () => {
  const { status, signal } = run(
    'dog.begin(); dog.end(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600); dog.begin(); dog.end();',
  );
  expect({ status, signal }).toEqual({ status: 0, signal: null });
});
