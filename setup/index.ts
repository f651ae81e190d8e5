import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.js';
import { codeRoot, homeOf, pathsOf } from '../src/config.js';
import { createEnvFile } from '../src/env-file.js';
import { reasonOf } from '../src/errors.js';
import { honourProxies } from '../src/network/index.js';
import { renderBlock } from './lib/block.js';
import { nearest } from './lib/flags.js';
import { runStep } from './lib/run.js';
import { createSecretSource } from './lib/secrets.js';
import { createSetupLog } from './lib/setup-log.js';
import type { Step, StepContext } from './lib/step.js';
import { stepNames, steps } from './steps.js';

/** Where flags of a step begin, and flags of this program end. */
const DIVIDER = '--';

interface Refusal {
  error: string;
  message: string;
  fix: string;
}

async function main(argv: readonly string[]): Promise<number> {
  const divider = argv.indexOf(DIVIDER);
  const own = divider < 0 ? argv : argv.slice(0, divider);
  const rest = divider < 0 ? [] : argv.slice(divider + 1);
  const { values } = parseArgs({
    args: [...own],
    options: {
      step: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const json = values.json === true;
  const [asked, second] = values.step ?? [];
  if (second !== undefined) return end(twoSteps(values.step ?? []), json);
  if (asked === undefined && values.help) {
    process.stdout.write(`./wharfie <${stepNames.join('|')}> [flags]\n`);
    return 0;
  }
  const load = steps.get(asked ?? '');
  if (!load) return end(noSuchStep(asked), json);
  return run(await load(), values.help ? ['--help'] : rest, json);
}

async function run(step: Step, flags: readonly string[], json: boolean): Promise<number> {
  const home = homeOf(process.env);
  const log = createSetupLog(home, systemClock);
  const context: StepContext = {
    home,
    root: codeRoot,
    env: process.env,
    clock: systemClock,
    secrets: createSecretSource({ input: process.stdin, output: process.stderr, clock: systemClock }),
    say(line) {
      process.stderr.write(`${line}\n`);
      log(line);
    },
    show: (line) => void process.stderr.write(`${line}\n`),
    detail: log,
  };
  // A file that cannot be read is the step's to tell.
  await Promise.resolve()
    .then(() => honourProxies(createEnvFile(pathsOf(home).envFile).read()))
    .catch(() => {});
  const { output, exitCode } = await runStep(step, flags, context, { json });
  process.stdout.write(output);
  return exitCode;
}

function noSuchStep(asked: string | undefined): Refusal {
  if (asked === undefined) {
    return { error: 'unknown-step', message: 'Which step?', fix: `--step <${stepNames.join('|')}>` };
  }
  return {
    error: 'unknown-step',
    message: `There is no step ${JSON.stringify(asked)}.`,
    fix: `Did you mean --step ${nearest(asked, stepNames)}?`,
  };
}

/** Whoever allows a command by how it begins must get the step that stands there. */
function twoSteps(asked: readonly string[]): Refusal {
  return {
    error: 'repeated-flag',
    message: `${asked.length} steps were named, and one can run.`,
    fix: 'Run one step after the other.',
  };
}

function end(refusal: Refusal, json: boolean): number {
  process.stdout.write(renderBlock('setup', { status: 'failed', ...refusal }, json));
  return 4;
}

// The clock's timers keep no process alive: a step that only waits would end in the middle.
const alive = setInterval(() => {}, 2 ** 30);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const fix = 'Put the flags of a step behind it, as in: ./wharfie register --help';
  const json = process.argv.includes('--json');
  process.stdout.write(
    renderBlock('setup', { status: 'failed', error: 'usage', message: reasonOf(error), fix }, json),
  );
  process.exitCode = 4;
} finally {
  clearInterval(alive);
}
