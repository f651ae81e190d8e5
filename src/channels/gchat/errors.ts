import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** How Google's APIs tell of an error (google.aip.dev/193), whatever else stands there. */
const answerSchema = z.object({
  error: z.object({
    status: z.string().default(''),
    details: z
      .array(z.looseObject({ reason: z.string().optional(), retryDelay: z.string().optional() }))
      .default([]),
  }),
});

export interface GoogleAnswer {
  status: number;
  text: string;
  retryAfter: string | null;
  /** The request says something: done twice it would be said twice. */
  says: boolean;
}

export const AUTH_FIX = './wharfie channel --auth gchat';
/** Where Google names no time: its limit for a space is one message a second. */
const PATIENCE_S = 2;

/** What an answer means that is no success; null: it is one. */
export function errorOfAnswer(answer: GoogleAnswer): ChannelError | null {
  const { status } = answer;
  if (status < 300) return null;
  const body = answerSchema.safeParse(jsonOf(answer.text)).data?.error;
  switch (status) {
    case 400:
      return googleChatError('refused', 'Google Chat refused it.', 'Say it in another form.', permanent);
    case 401:
      return googleChatError('token-refused', 'Google Chat refused the key.', AUTH_FIX, {
        errorClass: 'transient',
      });
    case 403:
      return forbidden(body?.details.map(({ reason }) => reason ?? '') ?? []);
    case 404:
      return googleChatError(
        'not-found',
        'Google Chat knows no such space or message for this app.',
        'Add the app to the space, or unregister it.',
        permanent,
      );
    case 409:
      return googleChatError('conflict', 'That message exists already.', 'Nothing to do.', permanent);
    case 429:
      return googleChatError('rate-limited', 'Google Chat asks to wait.', 'It is sent when it may be.', {
        errorClass: 'rate-limited',
        retryAfterMs: Math.ceil(secondsOf(answer, body?.details ?? []) * 1000),
      });
  }
  if (status >= 400 && status < 500 && status !== 408 && body) {
    return googleChatError(
      'refused',
      `Google Chat refused it (${status}).`,
      'Say it in another form.',
      permanent,
    );
  }
  // 503: not taken on. Of the others Google does not say whether the work was done.
  const errorClass = answer.says && status !== 503 ? 'unknown' : 'transient';
  const fix = 'Nothing to do: it is tried again by itself.';
  return googleChatError('outage', `Google Chat has an outage (${status}).`, fix, { errorClass });
}

const permanent = { errorClass: 'permanent' } as const;

function forbidden(reasons: readonly string[]): ChannelError {
  if (reasons.includes('SERVICE_DISABLED')) {
    return googleChatError(
      'api-disabled',
      'The Google Chat API is not switched on in the project of this key.',
      'console.cloud.google.com, your project > APIs & Services > Library > Google Chat API > Enable.',
      permanent,
    );
  }
  return googleChatError(
    'not-allowed',
    'The app may not do this in that space.',
    'Add the app to the space (mention it there), or unregister it.',
    permanent,
  );
}

function secondsOf({ retryAfter }: GoogleAnswer, details: readonly { retryDelay?: string | undefined }[]) {
  const delay = details.find((detail) => detail.retryDelay)?.retryDelay?.replace(/s$/, '');
  const seconds = Number(retryAfter ?? delay ?? PATIENCE_S);
  return seconds >= 0 && seconds < 86_400 ? seconds : PATIENCE_S;
}

export function googleChatError(
  code: string,
  message: string,
  fix: string,
  options: { errorClass: ChannelErrorClass; retryAfterMs?: number },
): ChannelError {
  return new ChannelError(`gchat-${code}`, message, fix, options);
}
