import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** How the connector tells of an error (learn.microsoft.com/microsoftteams/platform/bots/…#status-code-responses). */
const answerSchema = z.object({ error: z.object({ code: z.string().default('') }) });

export interface TeamsAnswer {
  status: number;
  text: string;
  retryAfter: string | null;
  /** The request says something: done twice it would be said twice. */
  says: boolean;
}

export const AUTH_FIX = './wharfie channel --auth teams';
const PATIENCE_S = 2;

/** Refusals that have a cure of their own. */
const KNOWN: Readonly<Record<string, { code: string; message: string; fix: string }>> = {
  BotNotInConversationRoster: {
    code: 'not-in-chat',
    message: 'The bot is not in that chat.',
    fix: 'Add the app to the chat or team, or unregister it.',
  },
  ConversationBlockedByUser: {
    code: 'blocked',
    message: 'The person has blocked the bot.',
    fix: 'Nothing to do, unless they take the block away.',
  },
  MessageWritesBlocked: {
    code: 'blocked',
    message: 'Writing to that chat is blocked.',
    fix: 'Nothing to do, unless its owner allows it again.',
  },
  ConversationNotFound: {
    code: 'unknown-chat',
    message: 'Teams knows no such chat.',
    fix: 'Write to the bot there once more, or unregister it.',
  },
  MessageSizeTooBig: {
    code: 'too-long',
    message: 'The message is too large for Teams.',
    fix: 'Say it in parts, or with smaller files.',
  },
};

/** What an answer means that is no success; null: it is one. */
export function errorOfAnswer({ status, text, retryAfter, says }: TeamsAnswer): ChannelError | null {
  if (status < 300) return null;
  if (status === 401) {
    return teamsError('token-refused', 'Teams refused the app id or its secret.', AUTH_FIX, {
      errorClass: 'transient',
    });
  }
  if (status === 429) {
    const seconds = Number(retryAfter ?? PATIENCE_S);
    return teamsError('rate-limited', 'Teams asks to wait.', 'It is sent when it may be.', {
      errorClass: 'rate-limited',
      retryAfterMs: Math.ceil((seconds >= 0 && seconds < 86_400 ? seconds : PATIENCE_S) * 1000),
    });
  }
  // Microsoft asks for another try after 412 too: two writers met, and nothing was done.
  if (status >= 500 || status === 412 || status === 408) return outage(status, says);
  const said = answerSchema.safeParse(jsonOf(text)).data?.error.code ?? '';
  const known = KNOWN[status === 413 ? 'MessageSizeTooBig' : said];
  if (known) return teamsError(known.code, known.message, known.fix, { errorClass: 'permanent' });
  const { code, message, fix } = byStatus(status);
  return teamsError(code, message, fix, { errorClass: 'permanent' });
}

function byStatus(status: number): { code: string; message: string; fix: string } {
  switch (status) {
    case 403:
      return {
        code: 'not-allowed',
        message: 'The bot may not do this in that chat.',
        fix: 'Add the app to the chat or team again, or ask an administrator of Teams to allow it.',
      };
    case 404:
      return {
        code: 'not-found',
        message: 'Teams knows no such chat or message.',
        fix: 'Send a new message, or unregister the chat.',
      };
    default:
      return {
        code: 'refused',
        message: `Teams refused it (${status}).`,
        fix: 'Say it in another form.',
      };
  }
}

function outage(status: number, says: boolean): ChannelError {
  const maybeDone = [500, 502, 504, 408].includes(status);
  return teamsError(
    'outage',
    `Teams has an outage (${status}).`,
    'Nothing to do: it is tried again by itself.',
    {
      errorClass: says && maybeDone ? 'unknown' : 'transient',
    },
  );
}

export function teamsError(
  code: string,
  message: string,
  fix: string,
  options: { errorClass: ChannelErrorClass; retryAfterMs?: number },
): ChannelError {
  return new ChannelError(`teams-${code}`, message, fix, options);
}
