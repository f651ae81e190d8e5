import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.js';
import { codeRoot, homeOf } from '../src/config.js';
import { reasonOf } from '../src/errors.js';
import { renderBlock } from './lib/block.js';
import { nearest } from './lib/flags.js';
import { runStep } from './lib/run.js';
import { createSecretSource } from './lib/secrets.js';
import { createSetupLog } from './lib/setup-log.js';
import type { Step, StepContext } from './lib/step.js';
import { stepNames, steps } from './steps.js';

/** Where flags of a step begin, and flags of this program end. */
const DIVIDER = '--';

async function main(argv: readonly string[]): Promise<number> {
  const divider = argv.indexOf(DIVIDER);
  const own = divider < 0 ? argv : argv.slice(0, divider);
  const rest = divider < 0 ? [] : argv.slice(divider + 1);
  const { values } = parseArgs({
    args: [...own],
    options: { step: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const json = values.json === true;
  if (values.step === undefined && values.help) {
    process.stdout.write(`npx tsx setup/index.ts --step <${stepNames.join('|')}> -- <flags>\n`);
    return 0;
  }
  const load = steps.get(values.step ?? '');
  if (!load) return noSuchStep(values.step, json);
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
  const { output, exitCode } = await runStep(step, flags, context, { json });
  process.stdout.write(output);
  return exitCode;
}

function noSuchStep(asked: string | undefined, json: boolean): number {
  const message = asked === undefined ? 'Which step?' : `There is no step ${JSON.stringify(asked)}.`;
  const fix =
    asked === undefined
      ? `--step <${stepNames.join('|')}>`
      : `Did you mean --step ${nearest(asked, stepNames)}?`;
  process.stdout.write(renderBlock('setup', { status: 'failed', error: 'unknown-step', message, fix }, json));
  return 4;
}

// The clock's timers keep no process alive: a step that only waits would end in the middle.
const alive = setInterval(() => {}, 2 ** 30);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const fix = 'Put the flags of a step after --, as in: npx tsx setup/index.ts --step register -- --help';
  const json = process.argv.includes('--json');
  process.stdout.write(
    renderBlock('setup', { status: 'failed', error: 'usage', message: reasonOf(error), fix }, json),
  );
  process.exitCode = 4;
} finally {
  clearInterval(alive);
}
