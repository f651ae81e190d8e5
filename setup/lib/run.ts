import { exitCodeOf, renderBlock } from './block.js';
import { failureOf } from './failure.js';
import { type FlagSpec, parseFlags } from './flags.js';
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
    const result = await step.run(parseFlags(argv, specs), context);
    return end(result, exitCodeOf(result));
  } catch (error) {
    if (error instanceof Error) context.detail(error.stack ?? error.message);
    const { result, exitCode } = failureOf(error, step.name);
    return end(result, exitCode);
  }
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
  return [
    `${step.name}: ${step.summary}`,
    `npx tsx setup/index.ts --step ${step.name} -- <flags>`,
    ...lines,
    '',
  ].join('\n');
}
