import { ChannelError, type ChannelErrorClass } from '../channels/adapter.js';
import { codeOf } from '../errors.js';

/** What came of an attempt at one part. */
export type Outcome = { kind: 'sent'; messageIds: string[] } | Failure;

export interface Failure {
  kind: 'failed';
  errorClass: ChannelErrorClass;
  retryAfterMs: number | null;
  /** The platform was not reached at all, or refuses everything of ours: nothing to do with this message. */
  channelWide: boolean;
  /** A sentence without secrets or raw text of the platform. */
  message: string;
}

/** Nothing of the request has left this machine. */
const NOT_REACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Endings of a channel's own codes that say the same (`discord-unreachable`). */
const CHANNEL_WIDE = ['-unreachable', '-not-connected', '-token-refused', '-no-answer'];

/** Judges what an adapter threw. Anything but a ChannelError is a bug of it: the message may have left before. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ChannelError) {
    return {
      kind: 'failed',
      errorClass: error.errorClass,
      retryAfterMs: error.retryAfterMs,
      channelWide: isChannelWide(error),
      message: error.message,
    };
  }
  return failure('unknown', 'The channel failed in an unexpected way.', isChannelWide(error));
}

export function failure(errorClass: ChannelErrorClass, message: string, channelWide = false): Failure {
  return { kind: 'failed', errorClass, retryAfterMs: null, channelWide, message };
}

function isChannelWide(error: unknown): boolean {
  let at: unknown = error;
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth += 1) {
    const code = codeOf(at);
    if (NOT_REACHED.has(code) || CHANNEL_WIDE.some((ending) => code.endsWith(ending))) return true;
    at = 'cause' in at ? at.cause : null;
  }
  return false;
}
