import type { z } from 'zod';
import { WharfieError } from '../errors.js';

/** A row that somebody changed by hand into something that cannot be used. Code: `bad-row`. */
export class BadRowError extends WharfieError {}

/** Parses a JSON column; throws a BadRowError that names the row. */
export function parseStored<T>(schema: z.ZodType<T>, json: string, row: string, fix = REGISTER): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new BadRowError('bad-row', `${row} is not JSON.`, fix, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  throw new BadRowError('bad-row', `${row} cannot be used (${problems.join('; ')}).`, fix);
}

const REGISTER = 'Register the chat again: ./wharfie register --help';
