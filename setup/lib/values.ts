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
  throw new UsageError(
    'invalid-value',
    `--${name} is ${JSON.stringify(given)}.`,
    `Give one of: ${allowed.join(', ')}.`,
  );
}

export function wholeNumber(flags: FlagValues, name: string): number | undefined {
  const given = flags.value(name);
  if (given === undefined) return undefined;
  if (/^-?\d{1,9}$/.test(given)) return Number(given);
  throw new UsageError('invalid-value', `--${name} is ${JSON.stringify(given)}.`, 'Give a whole number.');
}
