import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../system/eventually.js';

const module = new URL('../../../src/host/watchdog.ts', import.meta.url).href;

/** A program under a watchdog, with the log that it leaves. */
function run(script: string, { restart = 'null', limitMs = 2_000, flags = [] as string[] } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wharfie-watchdog-'));
  const logFile = path.join(folder, 'wharfie.log');
  const code = `
    import { startWatchdog } from '${module}';
    const logFile = ${JSON.stringify(logFile)};
    const dog = startWatchdog({ logFile, restart: ${restart}, limitMs: ${limitMs} });
    setTimeout(() => {}, 600_000);
    console.log('ready');
    ${script}`;
  const args = [...flags, '--import', 'tsx', '--input-type=module', '-e', code];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const log = () => {
    try {
      return readFileSync(logFile, 'utf8');
    } catch {
      return '';
    }
  };
  return { child, log, folder, ended: once(child, 'exit'), said: once(child.stdout ?? child, 'data') };
}

test('a host that stands still is ended, and says what it was doing', async () => {
  const { ended, log } = run(`
    dog.doing('telegram: done')();
    dog.doing('telegram: 1 42');
    setTimeout(() => { for (;;); }, 10);`);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(JSON.parse(log())).toMatchObject({
    ...{ level: 60, doing: 'telegram: 1 42', msg: 'the host stood still and is ended' },
  });
});

test('a stop that ends is a figure, and nothing more', async () => {
  const script = `
    const until = (ms) => { const end = performance.now() + ms; while (performance.now() < end); };
    setTimeout(() => until(1600), 100);
    setTimeout(() => { const ms = dog.longestStopMs(); dog.stop(); process.exit(ms >= 1000 ? 0 : 1); }, 3000);`;
  const { said, ended, log } = run(script, { limitMs: 60_000 });
  await said;
  expect(await ended).toEqual([0, null]);
  expect(log()).toBe('');
});

test('a process that was stopped from outside, as a laptop that slept, did not hang', async () => {
  const { child, said, log } = run('');
  await said;
  child.kill('SIGSTOP');
  // Longer than what a watchdog may miss of its own time, and than its limit.
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  child.kill('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect([child.exitCode, child.signalCode, log()]).toEqual([null, null, '']);
});

test('under a debugger nothing is ended', async () => {
  const { child, said, log } = run(
    `setTimeout(() => { const end = performance.now() + 4000; while (performance.now() < end); }, 700);
     setTimeout(() => console.log('still here'), 800);`,
    { flags: ['--inspect=127.0.0.1:0'] },
  );
  await said;
  const [again] = await once(child.stdout ?? child, 'data');
  expect([String(again).trim(), child.exitCode, log()]).toEqual(['still here', null, '']);
});

test('where nobody starts it again the watchdog does, once', async () => {
  const hang = 'setTimeout(() => { for (;;); }, 10)';
  const { ended, log } = run(hang, {
    // The second one hangs as well, and is the last.
    restart: `{ file: process.execPath, args: ['--import', 'tsx', '--input-type=module', '-e', ${JSON.stringify(
      `import { startWatchdog } from '${module}'; const [, logFile] = process.argv; startWatchdog({ logFile, restart: { file: '/bin/false', args: [] }, limitMs: 1000 }); setTimeout(() => {}, 600_000); ${hang}`,
    )}, logFile] }`,
  });
  expect(await ended).toEqual([null, 'SIGKILL']);
  const said = await eventually(() => {
    const lines = log().trim().split('\n');
    return lines.length === 2 && lines.map((line) => JSON.parse(line).msg);
  }, 'the word of the second one');
  expect(said).toEqual([
    'the host stood still and is ended; it is started again, once',
    'the host stood still and is ended',
  ]);
});
