import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WharfieError } from '../../src/errors.js';
import { programArgs } from '../../src/own-programs.js';
import { runCommand } from '../lib/run-command.js';
import type { StepContext } from '../lib/step.js';

const CHECK_MS = 300_000;
const START_MS = 120_000;

/**
 * Proves that the host with the present barrel type-checks and starts: a real one, in an empty folder, without any
 * credential, whose terminal has nothing to say. Throws `type-check-failed` or `start-failed`. `checked` is false where
 * the compiler is not installed (npm install --omit=dev).
 */
export async function proveHost(context: StepContext): Promise<{ checked: boolean }> {
  const { root, say } = context;
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const checked = existsSync(compiler);
  if (checked) {
    say('Checking the types.');
    const args = [compiler, '--noEmit', '-p', join(root, 'setup', 'host.tsconfig.json')];
    await must(context, args, { ms: CHECK_MS, code: 'type-check-failed', what: 'does not type-check' });
  }
  say('Starting a host to see that it starts.');
  const home = mkdtempSync(join(tmpdir(), 'wharfie-start-'));
  try {
    await must(context, programArgs('host', root), {
      ms: START_MS,
      code: 'start-failed',
      what: 'does not start',
      home,
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return { checked };
}

async function must(
  { root, env, clock, detail }: StepContext,
  args: string[],
  run: { ms: number; code: string; what: string; home?: string },
): Promise<void> {
  // The environment wins over .env: a real token in it would have the host that we start connect to the platform.
  const bare = { PATH: env.PATH, HOME: env.HOME, ...(run.home && { WHARFIE_HOME: run.home }) };
  const options = { cwd: root, env: bare, clock, timeoutMs: run.ms, onLine: detail };
  const { code, tail } = await runCommand(process.execPath, args, options);
  if (code === 0) return;
  throw new WharfieError(
    run.code,
    `With this change the host ${run.what}: ${tail.find((line) => /error|Error/.test(line))?.slice(0, 300) ?? tail.at(-1) ?? ''}`,
    'It was undone. See the end of logs/setup.log; git status shows what else differs from the release.',
  );
}
