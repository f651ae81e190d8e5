import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** How the Bot API answers (core.telegram.org/bots/api#making-requests). */
const answerSchema = z.object({
  ok: z.boolean(),
  description: z.string().default(''),
  error_code: z.number().optional(),
  parameters: z
    .object({ retry_after: z.number().nonnegative().optional(), migrate_to_chat_id: z.number().optional() })
    .default({}),
});

export interface TelegramAnswer {
  method: string;
  status: number;
  text: string;
}

export const AUTH_FIX = './wharfie channel --auth telegram';

/** Refusals that have a cure of their own, by what Telegram's description says. The text is not repeated. */
const KNOWN: readonly { match: RegExp; code: string; message: string; fix: string }[] = [
  {
    match: /can't parse (?:caption )?entities/i,
    code: 'markup-refused',
    message: 'Telegram refused the formatting.',
    fix: 'Say it without formatting.',
  },
  {
    match: /message is not modified/i,
    code: 'not-modified',
    message: 'The message says that already.',
    fix: 'Nothing to do.',
  },
  {
    match: /no text in the message/i,
    code: 'caption-only',
    message: 'The message is a file: its caption can be changed.',
    fix: 'Send a new message.',
  },
  {
    match:
      /bot was (?:blocked|kicked)|user is deactivated|not a member|have no rights|not enough rights|CHAT_WRITE_FORBIDDEN/i,
    code: 'not-allowed',
    message:
      'Telegram refused: the bot may not do this in that chat (it was removed, blocked, or lacks the right).',
    fix: 'Add the bot to the chat again, or give it the right there.',
  },
  {
    match: /chat not found|can't initiate conversation/i,
    code: 'unknown-chat',
    message: 'Telegram knows no such chat for this bot.',
    fix: 'Write to the bot there first, or unregister the chat.',
  },
  {
    match: /thread not found|TOPIC_(?:CLOSED|DELETED)/i,
    code: 'unknown-topic',
    message: 'The topic is closed or gone.',
    fix: 'Open the topic again, or write in another one.',
  },
  {
    match: /message to \w+ not found|message can't be/i,
    code: 'unknown-message',
    message: 'The message is gone, or cannot be changed any more.',
    fix: 'Send a new message.',
  },
  {
    match: /REACTION_INVALID|reaction/i,
    code: 'reaction-refused',
    message: 'Telegram does not take this emoji as a reaction there.',
    fix: 'Use one of the common ones, such as 👍 ❤ 🔥 🎉 👀.',
  },
  {
    match: /too (?:big|large|long)|Entity Too Large/i,
    code: 'too-large',
    message: 'It is too large for Telegram.',
    fix: 'Send a smaller file (50 MB at most), or a shorter text.',
  },
];

/** The chat has another id now. The adapter tells the host: the next attempt goes there. */
export class ChatMovedError extends ChannelError {
  readonly to: number;

  constructor(to: number) {
    const message = `The group has become a supergroup and has a new id: telegram:${to}.`;
    super('telegram-chat-moved', message, 'Nothing to do: it is sent there.', { errorClass: 'transient' });
    this.to = to;
  }
}

/** What an answer that is not ok means. */
export function errorOfAnswer(answer: TelegramAnswer): ChannelError {
  const body = answerSchema.safeParse(jsonOf(answer.text)).data;
  const status = body?.error_code ?? answer.status;
  const description = body?.description ?? '';
  // Not the Bot API's own answer (a proxy, a block page): nothing is known about this row.
  if (!body || status >= 500 || status === 408) return outage(answer.method, status);
  if (status === 429) {
    return error('rate-limited', 'Telegram asks to wait.', 'It is sent when it may be.', {
      errorClass: 'rate-limited',
      retryAfterMs: Math.ceil((body.parameters.retry_after ?? 1) * 1000),
    });
  }
  // A token that is no token at all is answered by "Not Found".
  if (status === 401 || (status === 404 && description === 'Not Found')) {
    return error('token-refused', 'Telegram refused the bot token.', AUTH_FIX, { errorClass: 'transient' });
  }
  if (status === 409) return conflict(description);
  const moved = body.parameters.migrate_to_chat_id;
  if (moved !== undefined) return new ChatMovedError(moved);
  const known = KNOWN.find(({ match }) => match.test(description));
  if (known) return refusal(known.code, known.message, known.fix);
  if (status === 403) {
    return refusal(
      'not-allowed',
      'Telegram refused it.',
      'Add the bot to the chat again, or let it write there.',
    );
  }
  return refusal('refused', `Telegram refused it (${status}).`, 'Say it in another form.');
}

/** Two programs cannot ask for the same bot's updates. */
function conflict(description: string): ChannelError {
  const webhook = /webhook/i.test(description);
  return error(
    webhook ? 'webhook-set' : 'conflict',
    webhook
      ? 'Another program has set a webhook for this bot.'
      : 'Another program asks for the messages of this bot (409).',
    'Stop the other program, or make a bot of its own for it with @BotFather; it is tried again by itself.',
    { errorClass: 'transient' },
  );
}

/** 502, 504 and 408 come from in front of the Bot API, which may have done the work; 500 and 503 did not. */
function outage(method: string, status: number): ChannelError {
  const lost = /^(?:send|copy|forward)/.test(method) && [502, 504, 408].includes(status);
  return error(
    'outage',
    `Telegram has an outage (${status}).`,
    'Nothing to do: it is tried again by itself.',
    {
      errorClass: lost ? 'unknown' : 'transient',
    },
  );
}

const refusal = (code: string, message: string, fix: string) =>
  error(code, message, fix, { errorClass: 'permanent' });

function error(
  code: string,
  message: string,
  fix: string,
  options: { errorClass: ChannelErrorClass; retryAfterMs?: number },
): ChannelError {
  return new ChannelError(`telegram-${code}`, message, fix, options);
}
