import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

export const AUTH_FIX = './wharfie channel --auth linear';

/** How Linear's GraphQL API tells that something went wrong (linear.app/developers/graphql#errors). */
export const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string().default(''),
        extensions: z.object({ code: z.string().optional(), type: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});

export interface LinearAnswer {
  status: number;
  text: string;
  headers: Headers;
  /** It changes something: an answer that is lost leaves open whether it did. */
  mutation: boolean;
}

const GUESS_MS = 60_000;

/** What an answer means that is no success; null: it is one. Linear's words are not repeated. */
export function errorOfAnswer(
  { status, text, headers, mutation }: LinearAnswer,
  now: number,
): ChannelError | null {
  const answer = answerSchema.safeParse(jsonOf(text)).data;
  const first = answer?.errors?.[0];
  if (status < 300 && answer && !first) return null;
  const code = `${first?.extensions?.code ?? ''} ${first?.extensions?.type ?? ''}`.toLowerCase();
  if (status === 429 || /ratelimited/.test(code)) {
    const retryAfterMs = waitOf(headers, now);
    return error(
      'rate-limited',
      'Linear asks to wait.',
      'It is sent when it may be.',
      'rate-limited',
      retryAfterMs,
    );
  }
  if (status === 401 || /authentication/.test(code)) {
    return error('token-refused', 'Linear refused the key.', AUTH_FIX, 'transient');
  }
  // Not Linear's own answer (a proxy, a block page): nothing is known about this row.
  if (!answer || status >= 500 || /internal|locktimeout|network/.test(code)) {
    const maybe = mutation && status !== 503;
    const fix = 'Nothing to do: it is tried again by itself. linearstatus.com tells more.';
    return error('outage', `Linear has an outage (${status}).`, fix, maybe ? 'unknown' : 'transient');
  }
  if (status === 403 || /forbidden|feature/.test(code)) {
    const fix =
      'Give the bot access to the team (Settings > Teams > Members), and its key the right to write.';
    return error('not-allowed', 'Linear does not let the bot do this there.', fix, 'permanent');
  }
  if (/not found/i.test(first?.message ?? '')) {
    const fix = 'Give the bot access to the team, or unregister it.';
    return error('not-found', 'Linear knows no such place for this bot.', fix, 'permanent');
  }
  return error('refused', `Linear refused it (${status}).`, 'Say it in another form.', 'permanent');
}

/** Linear tells when the next request may come, epoch milliseconds (linear.app/developers/rate-limiting). */
function waitOf(headers: Headers, now: number): number {
  const seconds = headers.get('retry-after');
  if (seconds !== null && Number(seconds) >= 0) return Number(seconds) * 1000;
  const reset = Number(headers.get('x-ratelimit-requests-reset') ?? 0);
  return reset > now ? reset - now : GUESS_MS;
}

export function error(
  code: string,
  message: string,
  fix: string,
  errorClass: ChannelErrorClass,
  retryAfterMs?: number,
): ChannelError {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new ChannelError(`linear-${code}`, message, fix, { errorClass, ...wait });
}
