import { reasonOf, WharfieError } from '../errors.js';
import type { Problem } from './entry.js';

/** What to tell about a container that does not start. */
export function problemOf(error: unknown): Problem {
  if (error instanceof WharfieError) return { code: error.code, message: error.message, fix: error.fix };
  return {
    code: 'start-failed',
    message: `The agent could not be started: ${reasonOf(error)}.`,
    fix: 'It is tried again by itself. ./wharfie verify shows what is missing.',
  };
}
