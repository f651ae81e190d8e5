import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { sleep } from '../../src/clock.js';
import { WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host/state.js';
import { programArgs } from '../../src/own-programs.js';
import type { StepContext } from '../lib/step.js';

const START_MS = 60_000;
const STOP_MS = 30_000;
const LOOK_EVERY_MS = 100;
const LINES_KEPT = 10;

/** A host for the time of a check: the real one, with the real lock. Throws `host-start-failed`. */
export async function startTemporaryHost(
  context: StepContext,
  dataDir: string,
  { terminalOnly }: { terminalOnly: boolean },
): Promise<{ stop(): Promise<void> }> {
  const { root, home, env, clock, detail } = context;
  const args = [...programArgs('host', root), '--service'];
  if (terminalOnly) args.push('--terminal-only');
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, WHARFIE_HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.push(...text.split('\n').filter((line) => line !== ''));
    said.splice(0, said.length - LINES_KEPT);
    detail(text.trimEnd());
  });
  let ended = false;
  const exit = once(child, 'exit').then(() => {
    ended = true;
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([exit, sleep(clock, STOP_MS)]);
    if (!ended) child.kill('SIGKILL');
    await exit;
  };
  for (const until = clock.monotonic() + START_MS; !ended && clock.monotonic() < until; ) {
    if ((await hostState(dataDir)).running) return { stop };
    await sleep(clock, LOOK_EVERY_MS);
  }
  if (!ended) await stop();
  const why = said.slice(-3).join(' ').slice(0, 500) || 'it did not listen in time';
  throw new WharfieError(
    'host-start-failed',
    `The host does not start: ${why}`,
    'npm start (in a terminal, where it says more)',
  );
}
