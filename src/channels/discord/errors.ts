import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError } from '../adapter.js';

export interface DiscordAnswer {
  method: string;
  status: number;
  text: string;
  retryAfter: string | null;
}

const bodySchema = z.object({
  code: z.number().optional(),
  message: z.string().optional(),
  retry_after: z.number().nonnegative().optional(),
});

/** Discord's own error numbers (discord.com/developers/docs/topics/opcodes-and-status-codes#json), and what helps. */
const KNOWN: Readonly<Record<number, { code: string; fix: string }>> = {
  10003: { code: 'unknown-channel', fix: 'The channel is gone: unregister it.' },
  10008: { code: 'unknown-message', fix: 'The message was deleted.' },
  40005: { code: 'too-large', fix: 'Send a smaller file (10 MB, more in a boosted server).' },
  50001: {
    code: 'no-access',
    fix: 'Let the bot see the channel (Edit Channel > Permissions > View Channel).',
  },
  50007: { code: 'direct-messages-closed', fix: 'Ask the person to allow direct messages of this server.' },
  50013: { code: 'no-permission', fix: 'Give the bot the right to do this (Edit Channel > Permissions).' },
};

/** What an answer that is not 2xx means. */
export function errorOfAnswer(answer: DiscordAnswer): ChannelError {
  const { status } = answer;
  const body = bodySchema.safeParse(jsonOf(answer.text)).data;
  if (status === 429) return rateLimited(answer, body?.retry_after);
  if (status === 401) {
    return new ChannelError('discord-token-refused', 'Discord refused the bot token.', AUTH_FIX, {
      errorClass: 'transient',
    });
  }
  if (status >= 500 || status === 408) return outage(answer);
  // Not Discord's own answer (a proxy, a block page): nothing is known about this row.
  if (!body) return outage(answer);
  const known = KNOWN[body.code ?? 0] ?? (status === 413 ? KNOWN[40005] : undefined);
  const what = `${body.message ?? 'no reason given'} (${status}${body.code ? `, ${body.code}` : ''})`;
  return new ChannelError(
    `discord-${known?.code ?? 'refused'}`,
    `Discord refused: ${what}.`,
    known?.fix ?? 'Say it in another form.',
    { errorClass: 'permanent' },
  );
}

export const AUTH_FIX = './wharfie channel --auth discord';

function rateLimited(answer: DiscordAnswer, bodySeconds: number | undefined): ChannelError {
  const header = Number(answer.retryAfter ?? Number.NaN);
  const seconds = bodySeconds ?? (header >= 0 ? header : 1);
  return new ChannelError('discord-rate-limited', 'Discord asks to wait.', 'It is sent when it may be.', {
    errorClass: 'rate-limited',
    retryAfterMs: Math.ceil(seconds * 1000),
  });
}

/** 502 and 504 come from in front of Discord's API, which may have done the work; 500 and 503 did not. */
function outage({ method, status }: DiscordAnswer): ChannelError {
  const lost = method === 'POST' && (status === 502 || status === 504 || status === 408);
  return new ChannelError(
    'discord-outage',
    `Discord has an outage (${status}).`,
    'Nothing to do: it is tried again by itself. discordstatus.com tells more.',
    { errorClass: lost ? 'unknown' : 'transient' },
  );
}
