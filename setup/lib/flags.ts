import { closest } from 'fastest-levenshtein';
import minimist from 'minimist';
import { WharfieError } from '../../src/errors.js';

export interface FlagSpec {
  name: string;
  /** `value`: takes one · `list`: may be given several times · `switch`: takes none. */
  kind: 'value' | 'list' | 'switch';
  required?: boolean;
  /** What to write after the flag in the usage, e.g. `<id>`. */
  hint?: string;
  help: string;
}

export interface FlagValues {
  value(name: string): string | undefined;
  /** For flags declared `required`. */
  need(name: string): string;
  list(name: string): string[];
  on(name: string): boolean;
}

/** A flag that is unknown, missing or not valid: exit 4, and nothing has been written. */
export class UsageError extends WharfieError {}

/** Parses a step's arguments. Ids are never numbers, and a value may begin with a dash. */
export function parseFlags(argv: readonly string[], specs: readonly FlagSpec[]): FlagValues {
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const parsed = minimist(joinValues(argv, known), {
    string: specs.filter((spec) => spec.kind !== 'switch').map((spec) => spec.name),
    boolean: specs.filter((spec) => spec.kind === 'switch').map((spec) => spec.name),
    unknown: (argument) => refuse(argument, [...known.keys()]),
  });
  const all = (name: string): string[] => [parsed[name]].flat().filter((value) => typeof value === 'string');
  const values: FlagValues = {
    value: (name) => all(name).at(-1),
    need: (name) => values.value(name) ?? '',
    list: all,
    on: (name) => parsed[name] === true,
  };
  for (const spec of specs) check(spec, values);
  return values;
}

function check(spec: FlagSpec, values: FlagValues): void {
  if (spec.kind === 'switch') return;
  const given = values.list(spec.name);
  if (spec.required && given.length === 0) {
    throw new UsageError('missing-flag', `--${spec.name} is required: ${spec.help}.`, usageOf(spec));
  }
  if (spec.kind === 'value' && given.length > 1) {
    throw new UsageError('repeated-flag', `--${spec.name} was given ${given.length} times.`, usageOf(spec));
  }
  if (given.some((value) => value.trim() === '')) {
    throw new UsageError('empty-flag', `--${spec.name} was given without a value.`, usageOf(spec));
  }
}

function usageOf(spec: FlagSpec): string {
  return `Give it as: --${spec.name} ${spec.hint ?? '<value>'}`;
}

/** minimist reads `--platform-id -100123` as two flags: a value flag and its value become one argument first. */
function joinValues(argv: readonly string[], known: Map<string, FlagSpec>): string[] {
  const joined: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    refuseMeaningless(argument, known);
    const spec = argument.startsWith('--') ? known.get(argument.slice(2)) : undefined;
    const next = argv[index + 1];
    const isFlag = next?.startsWith('--') && known.has(next.slice(2).split('=')[0] ?? '');
    if (spec && spec.kind !== 'switch' && next !== undefined && !isFlag) {
      joined.push(`${argument}=${next}`);
      index += 1;
    } else if (spec && spec.kind !== 'switch') {
      joined.push(`${argument}=`);
    } else {
      // minimist takes `--no-…` for the opposite of another flag unless it has a value.
      joined.push(spec ? `${argument}=true` : argument);
    }
  }
  return joined;
}

/** minimist passes over what follows a `--`, and takes `--dry-run=false` for a switch that is off: neither is ever meant. */
function refuseMeaningless(argument: string, known: Map<string, FlagSpec>): void {
  if (argument === '--') {
    throw new UsageError('unexpected-argument', 'Unexpected argument "--".', 'Give the flags without it.');
  }
  const [, name = ''] = /^--([^=]+)=/.exec(argument) ?? [];
  if (known.get(name)?.kind !== 'switch') return;
  throw new UsageError('unexpected-value', `--${name} takes no value.`, `Give --${name} or leave it out.`);
}

/** Longer words may be a secret that somebody gave on the command line: it must not be said again. */
const LONGEST_SHOWN = 20;

function refuse(argument: string, names: string[]): never {
  if (!argument.startsWith('-')) {
    const shown = argument.length > LONGEST_SHOWN ? `${argument.slice(0, 4)}…` : argument;
    throw new UsageError(
      'unexpected-argument',
      `Unexpected argument ${JSON.stringify(shown)}.`,
      'Quote a value that contains spaces, and put flags after --.',
    );
  }
  const given = argument.replace(/^-+/, '').split('=')[0] ?? '';
  throw new UsageError(
    'unknown-flag',
    `Unknown flag --${given}.`,
    `Did you mean --${nearest(given, names)}?`,
  );
}

/** The one of `known` that somebody who wrote `given` meant, most likely. */
export function nearest(given: string, known: readonly string[]): string {
  return closest(given, known);
}
