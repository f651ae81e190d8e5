import { codeOf, reasonOf, WharfieError } from '../../src/errors.js';
import { exitCodeOf, renderBlock } from './block.js';
import { type FlagSpec, parseFlags, UsageError } from './flags.js';
import type { Step, StepContext, StepResult } from './step.js';

export interface Outcome {
  /** For stdout: the block, or the usage. */
  output: string;
  exitCode: number;
}

const COMMON: FlagSpec[] = [
  { name: 'help', kind: 'switch', help: 'print this' },
  { name: 'json', kind: 'switch', help: 'print the block as one JSON object' },
];

/** Runs one step from its arguments: whatever happens, it ends in a block. */
export async function runStep(step: Step, argv: readonly string[], context: StepContext): Promise<Outcome> {
  const json = argv.includes('--json');
  try {
    const specs = [...step.flags, ...COMMON];
    // A required flag must not stand in the way of asking for help.
    if (argv.includes('--help')) return { output: usage(step), exitCode: 0 };
    const flags = parseFlags(argv, specs);
    const result = await step.run(flags, context);
    return { output: renderBlock(step.name, result, json), exitCode: exitCodeOf(result) };
  } catch (error) {
    const result = failureOf(error, step);
    const exitCode = error instanceof UsageError ? 4 : exitCodeOf(result);
    return { output: renderBlock(step.name, result, json), exitCode };
  }
}

function failureOf(error: unknown, step: Step): StepResult {
  if (error instanceof WharfieError) {
    return { status: 'failed', error: error.code, message: error.message, fix: error.fix };
  }
  const code = codeOf(error).toLowerCase().replaceAll('_', '-') || 'unexpected';
  const fix =
    FIXES[code] ?? `Run it again; if it stays: npx tsx setup/index.ts --step ${step.name} -- --help`;
  return { status: 'failed', error: code, message: reasonOf(error), fix };
}

const FIXES: Record<string, string> = {
  eacces: 'Make data/, groups/ and .env writable for this user, then run the step again.',
  erofs: 'Put the installation on a file system that can be written.',
  enospc: 'Free some disk space, then run the step again.',
  'sqlite-readonly': 'Make data/v2.db and its folder writable for this user, then run the step again.',
  'sqlite-full': 'Free some disk space, then run the step again.',
  'sqlite-busy': 'Another step is writing: run this one again when it has ended.',
};

export function usage(step: Step): string {
  const lines = [...step.flags, ...COMMON].map((flag) => {
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
