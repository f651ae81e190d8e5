import { exitCodeOf, renderBlock } from './block.js';
import { failureOf } from './failure.js';
import { type FlagSpec, type FlagValues, parseFlags, UsageError } from './flags.js';
import type { Step, StepContext, StepResult } from './step.js';

export interface Outcome {
  /** For stdout: the block, or the usage. */
  output: string;
  exitCode: number;
}

const HELP: FlagSpec = { name: 'help', kind: 'switch', help: 'print this' };
const JSON_OUTPUT: FlagSpec = {
  name: 'json',
  kind: 'switch',
  help: 'print the block as one JSON object; may also stand before the --',
};

/** Every flag that the step takes; one that has a `--json` of its own is asked for JSON output before the `--`. */
export function flagsOf(step: Step): FlagSpec[] {
  const ownJson = step.flags.some((flag) => flag.name === 'json');
  return [...step.flags, HELP, ...(ownJson ? [] : [JSON_OUTPUT])];
}

/** Runs one step from its arguments: whatever happens, it ends in a block. */
export async function runStep(
  step: Step,
  argv: readonly string[],
  context: StepContext,
  options: { json?: boolean } = {},
): Promise<Outcome> {
  const specs = flagsOf(step);
  const json = options.json || (specs.includes(JSON_OUTPUT) && argv.includes('--json'));
  const end = (result: StepResult, exitCode: number): Outcome => {
    const output = renderBlock(step.name, result, json);
    context.detail(`${withoutCode(output, result)}exit ${exitCode}`);
    return { output, exitCode };
  };
  try {
    // A required flag must not stand in the way of asking for help.
    if (argv.includes('--help')) return { output: usage(step), exitCode: 0 };
    const flags = parseFlags(argv, specs);
    refuseContradiction(step, flags);
    const result = await step.run(flags, context);
    return end(result, exitCodeOf(result));
  } catch (error) {
    if (error instanceof Error) context.detail(error.stack ?? error.message);
    const { result, exitCode } = failureOf(error, step.name);
    return end(result, exitCode);
  }
}

/** A call that says it only looks must not change anything too: what may run unasked is told by the switch. */
function refuseContradiction(step: Step, flags: FlagValues): void {
  const classes = step.class;
  if (typeof classes === 'string') return;
  const given = step.flags.filter(({ name }) => flags.on(name) || flags.list(name).length > 0);
  const looks = given.find(({ name, kind }) => kind === 'switch' && classes[name] === 'reads');
  const changes = given.find(({ name }) => classes[name] === 'sets-up' || classes[name] === 'grants');
  if (!looks || !changes) return;
  const message = `--${looks.name} changes nothing, and --${changes.name} does: they do not go together.`;
  throw new UsageError('conflicting-flags', message, `Give --${looks.name} or --${changes.name}.`);
}

/** A one-time code is for the terminal only. */
function withoutCode(output: string, { fields }: StepResult): string {
  return typeof fields?.CODE === 'string' ? output.replaceAll(fields.CODE, '(not logged)') : output;
}

function usage(step: Step): string {
  const lines = flagsOf(step).map((flag) => {
    const hint = flag.kind === 'switch' ? '' : ` ${flag.hint ?? '<value>'}`;
    return `  --${flag.name}${hint}  ${flag.help}${flag.required ? ' (required)' : ''}`;
  });
  return [`${step.name}: ${step.summary}`, `./wharfie ${step.name} <flags>`, ...lines, ''].join('\n');
}
