import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** How Resend answers what it does not do (resend.com/docs/api-reference/errors). Its texts are not repeated. */
const answerSchema = z.object({ name: z.string() });

export const AUTH_FIX = './wharfie channel --auth resend';
const HOUR_MS = 3_600_000;

export interface ResendAnswer {
  status: number;
  text: string;
  retryAfter: string | null;
}

const TOKEN = new Set(['missing_api_key', 'invalid_api_key', 'restricted_api_key', 'suspended_api_key']);
const QUOTA = new Set(['daily_quota_exceeded', 'monthly_quota_exceeded']);

/** Refusals that have a cure of their own. */
const KNOWN: Readonly<Record<string, { code: string; message: string; fix: string }>> = {
  invalid_from_address: {
    code: 'from-refused',
    message: 'Resend refused the sender.',
    fix: 'Put an address at a domain that resend.com/domains shows as verified into RESEND_FROM_ADDRESS.',
  },
  invalid_attachment: {
    code: 'file-refused',
    message: 'Resend did not take the file.',
    fix: 'Send another kind of file, 40 MB in all at most.',
  },
  invalid_idempotent_request: {
    code: 'said-otherwise',
    message: 'This mail was sent before with other words.',
    fix: 'Nothing to do: it stands in the mailbox as it was sent first.',
  },
  not_found: { code: 'unknown-mail', message: 'Resend knows no such mail.', fix: 'Send a new mail.' },
};

/** What an answer that is not ok means. A mail is sent with a key: to send it again after an outage is safe. */
export function errorOfAnswer({ status, text, retryAfter }: ResendAnswer): ChannelError {
  const name = answerSchema.safeParse(jsonOf(text)).data?.name;
  if (name && TOKEN.has(name)) return error('key-refused', keyMessage(name), AUTH_FIX, 'transient');
  if (name && QUOTA.has(name)) {
    const message = 'The quota of the Resend account is used up.';
    return error(
      'rate-limited',
      message,
      'resend.com/settings/usage: a larger plan.',
      'rate-limited',
      HOUR_MS,
    );
  }
  if (status === 429) {
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    const waitMs = seconds >= 0 ? Math.ceil(seconds * 1000) : 1000;
    return error(
      'rate-limited',
      'Resend asks to wait.',
      'It is sent when it may be.',
      'rate-limited',
      waitMs,
    );
  }
  // Not the API's own answer (a proxy, a block page): nothing is known about this row.
  if (!name || status >= 500 || name === 'concurrent_idempotent_requests') {
    const fix = 'Nothing to do: it is tried again by itself. resend-status.com tells more.';
    return error('outage', `Resend has an outage (${status}).`, fix, 'transient');
  }
  if (status === 401) return error('key-refused', keyMessage(name), AUTH_FIX, 'transient');
  if (status === 403 && name === 'validation_error') {
    const fix = 'resend.com/domains: verify the domain of RESEND_FROM_ADDRESS.';
    return error('domain-not-verified', 'Resend may not send from this domain yet.', fix, 'permanent');
  }
  if (status === 413) {
    const fix = 'Send less: 40 MB in all at most.';
    return error('too-large', 'It is too large for a mail.', fix, 'permanent');
  }
  const known = KNOWN[name];
  const shown = /^\w{1,60}$/.test(name) ? name : String(status);
  return error(
    known?.code ?? 'refused',
    known?.message ?? `Resend refused it (${shown}).`,
    known?.fix ?? 'Say it in another form.',
    'permanent',
  );
}

const keyMessage = (name: string) =>
  name === 'restricted_api_key'
    ? 'The API key may only send: the channel also reads mails.'
    : 'Resend refused the API key.';

function error(
  code: string,
  message: string,
  fix: string,
  errorClass: ChannelErrorClass,
  retryAfterMs?: number,
): ChannelError {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new ChannelError(`resend-${code}`, message, fix, { errorClass, ...wait });
}
