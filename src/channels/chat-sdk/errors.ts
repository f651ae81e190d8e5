import { codeOf } from '../../errors.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';
import type { ChannelFacts } from '../catalog/index.js';

/** The platform was never reached: nothing of the request has arrived. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** The Chat SDK's own error families (`@chat-adapter/shared`), by name: adapters bring their own copies of them. */
const FAMILIES: Readonly<Record<string, { errorClass: ChannelErrorClass; code: string; fix: string }>> = {
  AdapterRateLimitError: {
    errorClass: 'rate-limited',
    code: 'rate-limited',
    fix: 'It is sent when it may be.',
  },
  AuthenticationError: {
    errorClass: 'transient',
    code: 'token-refused',
    fix: 'Put a valid token into .env.',
  },
  PermissionError: {
    errorClass: 'permanent',
    code: 'not-allowed',
    fix: 'Give the bot the right to do this in that chat.',
  },
  ResourceNotFoundError: {
    errorClass: 'permanent',
    code: 'not-found',
    fix: 'Invite the bot to the chat, or unregister it.',
  },
  ValidationError: { errorClass: 'permanent', code: 'refused', fix: 'Say it in another form.' },
};

/** Judges whatever an adapter threw. Texts of the platform are not repeated: they may quote the request. */
export function channelErrorOf(error: unknown, facts: ChannelFacts): ChannelError {
  if (error instanceof ChannelError) return error;
  const name = error instanceof Error ? error.name : '';
  const family = FAMILIES[name];
  if (family) {
    const { errorClass, code, fix } = family;
    const retryAfterMs = errorClass === 'rate-limited' ? (retryAfterSeconds(error) ?? 1) * 1000 : undefined;
    return new ChannelError(`${facts.type}-${code}`, `${facts.label} refused: ${code}.`, fix, {
      errorClass,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      cause: error,
    });
  }
  return networkErrorOf(error, facts);
}

/** A request that got no answer: `transient` only where it is sure that nothing was sent. */
export function networkErrorOf(error: unknown, facts: ChannelFacts): ChannelError {
  const code = deepestCode(error);
  const unreached = NEVER_LEFT.has(code);
  return new ChannelError(
    unreached ? `${facts.type}-unreachable` : `${facts.type}-no-answer`,
    unreached
      ? `${facts.label} could not be reached (${code}).`
      : `${facts.label} did not answer (${code || 'no code'}): it may or may not have arrived.`,
    'Nothing to do: it is settled and tried again by itself.',
    { errorClass: unreached ? 'transient' : 'unknown', cause: error },
  );
}

/** The code of the innermost cause (`fetch failed` wraps it, and adapters wrap that). */
function deepestCode(error: unknown): string {
  let code = '';
  let at: unknown = error;
  for (let depth = 0; depth < 6 && typeof at === 'object' && at !== null; depth += 1) {
    code = codeOf(at) || code;
    at = 'originalError' in at && at.originalError ? at.originalError : 'cause' in at ? at.cause : null;
  }
  return code;
}

function retryAfterSeconds(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('retryAfter' in error)) return null;
  return typeof error.retryAfter === 'number' && error.retryAfter >= 0 ? error.retryAfter : null;
}
