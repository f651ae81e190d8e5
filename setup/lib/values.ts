import { spanWords } from '../../src/tasks/bounds.js';
import { type FlagValues, UsageError } from './flags.js';

/** The flag's value, which must be one of these; undefined where it was not given. */
export function oneOf<T extends string>(
  flags: FlagValues,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const given = flags.value(name);
  if (given === undefined) return undefined;
  const found = allowed.find((value) => value === given);
  if (found !== undefined) return found;
  throw invalidValue(name, given, `Give one of: ${allowed.join(', ')}.`);
}

export function wholeNumber(flags: FlagValues, name: string, least = -999_999_999): number | undefined {
  const given = flags.value(name);
  if (given === undefined) return undefined;
  if (/^-?\d{1,9}$/.test(given) && Number(given) >= least) return Number(given);
  throw invalidValue(
    name,
    given,
    least > 0 ? `Give a whole number of at least ${least}.` : 'Give a whole number.',
  );
}

const UNITS: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `512m`, `2g` in bytes. */
export function byteSize(flags: FlagValues, name: string, least: number): number | undefined {
  const given = flags.value(name);
  if (given === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)([kmg])i?b?$/i.exec(given) ?? [];
  const bytes = Math.round(Number(number) * (UNITS[unit.toLowerCase()] ?? 0));
  if (bytes >= least) return bytes;
  throw invalidValue(name, given, `Give at least ${least / 1024 ** 2}m, as in 512m or 2g.`);
}

const SPANS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1h` in milliseconds. */
export function timeSpan(
  flags: FlagValues,
  name: string,
  { least, most }: { least: number; most: number },
): number | undefined {
  const given = flags.value(name);
  if (given === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,5})([smh])$/i.exec(given) ?? [];
  const span = Number(number) * (SPANS[unit.toLowerCase()] ?? 0);
  if (number !== '' && span >= least && span <= most) return span;
  throw invalidValue(name, given, `Give ${spanWords(least)} to ${spanWords(most)}, as in 90s, 5m or 1h.`);
}

/** The one of these actions that was asked for. */
export function exactlyOne<T extends string>(flags: FlagValues, names: readonly T[]): T {
  const given = names.filter((name) => flags.on(name) || flags.value(name) !== undefined);
  const [only, second] = given;
  const choice = names.map((name) => `--${name}`).join(', ');
  if (only === undefined)
    throw new UsageError('missing-flag', 'What is to be done?', `Give one of: ${choice}.`);
  if (second === undefined) return only;
  const both = given.map((name) => `--${name}`).join(' and ');
  throw new UsageError('conflicting-flags', `${both} do not go together.`, `Give one of: ${choice}.`);
}

export function invalidValue(name: string, given: string, fix: string): UsageError {
  return new UsageError('invalid-value', `--${name} is ${JSON.stringify(given.slice(0, 200))}.`, fix);
}
