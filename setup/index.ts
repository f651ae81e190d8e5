import { parseArgs } from 'node:util';
import { closest } from 'fastest-levenshtein';
import { homeOf } from '../src/config.js';
import { reasonOf } from '../src/errors.js';
import { renderBlock } from './lib/block.js';
import { runStep } from './lib/run.js';
import type { Step } from './lib/step.js';

/** Every step, loaded only when it is asked for: a step starts as fast as what it needs. */
const steps: Record<string, () => Promise<Step>> = {
  register: async () => (await import('./register.js')).register,
};

async function main(argv: readonly string[]): Promise<number> {
  const divider = argv.indexOf('--');
  const own = divider < 0 ? argv : argv.slice(0, divider);
  const rest = divider < 0 ? [] : argv.slice(divider + 1);
  const { values } = parseArgs({
    args: [...own],
    options: { step: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const names = Object.keys(steps);
  const load = values.step === undefined ? undefined : steps[values.step];
  if (!load) {
    const asked = values.step;
    if (asked === undefined && values.help) {
      process.stdout.write(`npx tsx setup/index.ts --step <${names.join('|')}> -- <flags>\n`);
      return 0;
    }
    const message = asked === undefined ? 'Which step?' : `There is no step ${JSON.stringify(asked)}.`;
    const fix =
      asked === undefined ? `--step <${names.join('|')}>` : `Did you mean --step ${closest(asked, names)}?`;
    process.stdout.write(
      renderBlock('setup', { status: 'failed', error: 'unknown-step', message, fix }, values.json === true),
    );
    return 4;
  }
  const flags = [...rest, ...(values.json ? ['--json'] : []), ...(values.help ? ['--help'] : [])];
  const outcome = await runStep(await load(), flags, {
    home: homeOf(process.env),
    say: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(outcome.output);
  return outcome.exitCode;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const fix = 'Put the flags of a step after --, as in: npx tsx setup/index.ts --step register -- --help';
  process.stdout.write(
    renderBlock('setup', { status: 'failed', error: 'usage', message: reasonOf(error), fix }, false),
  );
  process.exitCode = 4;
}
