import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** One error of the Cloud API, in an answer or in a status that comes later. Its texts are not repeated. */
export const graphErrorSchema = z.object({ code: z.coerce.number() });
const answerSchema = z.object({ error: graphErrorSchema });

export const AUTH_FIX = './wharfie channel --auth whatsapp-cloud';
const APP = 'developers.facebook.com/apps, your app > Use cases > Customize';

interface Meaning {
  code: string;
  message: string;
  fix: string;
  errorClass: ChannelErrorClass;
  /** Milliseconds until it may be tried again, where WhatsApp does not tell. */
  waitMs?: number;
}

const slow = (waitMs: number): Meaning => ({
  code: 'rate-limited',
  message: 'WhatsApp asks to wait.',
  fix: 'It is sent when it may be.',
  errorClass: 'rate-limited',
  waitMs,
});
const outage: Meaning = {
  code: 'outage',
  message: 'WhatsApp has an outage.',
  fix: 'Nothing to do: it is tried again by itself. metastatus.com tells more.',
  errorClass: 'transient',
};
const token: Meaning = {
  code: 'token-refused',
  message: 'WhatsApp refused the access token.',
  fix: AUTH_FIX,
  errorClass: 'transient',
};
const never = (code: string, message: string, fix: string): Meaning => ({
  code,
  message,
  fix,
  errorClass: 'permanent',
});
const notAllowed = never(
  'not-allowed',
  'WhatsApp does not let this token write for this phone number.',
  'Give its system user full control of the WhatsApp account and the app, and make a token with whatsapp_business_messaging.',
);

const FILE_REFUSED = never(
  'file-refused',
  'WhatsApp did not take the file: it is of a kind that it does not know, or too large.',
  'Send a PDF, text, Office document (100 MB at most), picture (JPEG or PNG, 5 MB), audio or video (16 MB).',
);

/** What a code means (developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes). */
const KNOWN: Readonly<Record<number, Meaning>> = {
  0: token,
  190: token,
  1: outage,
  2: outage,
  131000: outage,
  131016: outage,
  131057: outage,
  133004: outage,
  4: slow(60_000),
  80007: slow(60_000),
  130429: slow(2000),
  131048: slow(300_000),
  131056: slow(6000),
  3: notAllowed,
  10: notAllowed,
  131005: notAllowed,
  131047: never(
    'window-closed',
    'They have not written for more than 24 hours: until they do, WhatsApp lets nobody write to them but with an approved template.',
    'Ask them to write once; then send it again: ./wharfie deliveries --list',
  ),
  131026: never(
    'undeliverable',
    'WhatsApp cannot deliver to this number (it has no WhatsApp, an old one, or has blocked this number).',
    'Ask the person to write to the number with WhatsApp.',
  ),
  131030: never(
    'not-a-test-recipient',
    'The test number may write to the numbers in its list only.',
    `${APP} > API Setup > To: add the number, or use a phone number of your own.`,
  ),
  131042: never(
    'payment',
    'WhatsApp wants a way of payment for this account.',
    'business.facebook.com/settings > Billing & payments.',
  ),
  131031: never(
    'account-locked',
    'The WhatsApp account is locked.',
    'business.facebook.com > WhatsApp Manager tells why.',
  ),
  368: never(
    'account-restricted',
    'The WhatsApp account is restricted for now.',
    'business.facebook.com > WhatsApp Manager tells why.',
  ),
  133010: never(
    'not-registered',
    'The phone number is not registered with the Cloud API.',
    `${APP} > API Setup: register the number.`,
  ),
  131053: FILE_REFUSED,
  131009: never('refused', 'WhatsApp refused it (131009).', 'Say it in another form.'),
};

export interface GraphAnswer {
  path: string;
  status: number;
  text: string;
  retryAfter: string | null;
}

/** What an answer that is not ok means. */
export function errorOfAnswer({ path, status, text, retryAfter }: GraphAnswer): ChannelError {
  const code = answerSchema.safeParse(jsonOf(text)).data?.error.code ?? null;
  const known = meaningOf(code);
  if (status === 429 || known?.errorClass === 'rate-limited') {
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    return errorOf(known?.waitMs ? known : slow(2000), seconds >= 0 ? Math.ceil(seconds * 1000) : undefined);
  }
  if (known && known !== outage) return errorOf(known);
  if (status === 401) return errorOf(token);
  // Not the API's own answer (a proxy, a block page), or one that does not know itself: it may have been said.
  const maybe = [408, 502, 504].includes(status) || (status === 500 && (code === 1 || code === null));
  if (known || code === null || status >= 500 || status === 408) {
    return errorOf(maybe && path.endsWith('/messages') ? { ...outage, errorClass: 'unknown' } : outage);
  }
  return path.endsWith('/media') ? errorOf(FILE_REFUSED) : refusal(code);
}

/** What a status means that says `failed`: it was taken, and not delivered. */
export function errorOfStatus(code: number | null): ChannelError {
  const known = meaningOf(code);
  return known ? errorOf(known) : refusal(code);
}

function meaningOf(code: number | null): Meaning | undefined {
  if (code === null) return undefined;
  return code >= 200 && code <= 299 ? notAllowed : KNOWN[code];
}

const refusal = (code: number | null) =>
  errorOf(never('refused', `WhatsApp refused it (${code ?? 'no code'}).`, 'Say it in another form.'));

function errorOf({ code, message, fix, errorClass, waitMs }: Meaning, toldMs?: number): ChannelError {
  const retryAfterMs = toldMs ?? waitMs;
  return new ChannelError(`whatsapp-${code}`, message, fix, {
    errorClass,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
