import { codeOf, WharfieError } from '../errors.js';
import { ChannelError } from './adapter.js';
import { CatalogError } from './catalog/index.js';

/** What a file system, a database or a network answers. It says something about the machine, and it can pass. */
const OF_THE_MACHINE =
  /^(?:E[A-Z0-9]+|SQLITE_\w+|UND_ERR_\w+|ERR_(?:STREAM|SOCKET|HTTP|SSL|TLS|NETWORK)\w*)$/;
/** The form of this program's own codes, such as `session-locked`. */
const OUR_OWN = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/;
/** These name a value that was handed over: it will be the same one next time. */
const OF_THE_VALUE =
  /^(?:ENAMETOOLONG|SQLITE_(?:TOOBIG|MISMATCH|RANGE|CONSTRAINT_(?:NOTNULL|CHECK|DATATYPE)))$/;
const PASSING_NAMES = new Set([
  'AbortError',
  'TimeoutError',
  'NetworkError',
  'AdapterRateLimitError',
  'AuthenticationError',
]);
const DEEPEST = 6;

/**
 * True: whatever was handled brought this error on, and brings it on again at every try (a parser that throws). False:
 * it can pass (a full disk, a locked database, a platform that does not answer), so the event must not be given up.
 */
export function isOwnFault(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return true;
  if (isPassing(error)) return false;
  const causes = 'cause' in error && error.cause ? [error.cause] : [];
  const several = error instanceof AggregateError ? error.errors : [];
  const wrapped = 'originalError' in error && error.originalError ? [error.originalError] : [];
  return [...causes, ...several, ...wrapped].every((one) => isOwnFault(one, depth + 1));
}

function isPassing(error: object): boolean {
  if (error instanceof ChannelError) return error.errorClass !== 'permanent';
  // An id of another form than the channel's: the packet has it at every try.
  if (error instanceof CatalogError) return false;
  if (error instanceof WharfieError) return true;
  if (error instanceof Error && PASSING_NAMES.has(error.name)) return true;
  const code = codeOf(error);
  return OUR_OWN.test(code) || (OF_THE_MACHINE.test(code) && !OF_THE_VALUE.test(code));
}
