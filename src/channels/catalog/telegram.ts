import type { ChannelFacts } from './types.js';

/** A link to a message of a private group: `t.me/c/<chat without -100>/<message>`. */
const PRIVATE_LINK = /^(?:https?:\/\/)?t\.me\/c\/(\d{5,13})(?:\/\d+)*\/?$/i;
/** A chat id, with the topic behind it where it was copied with one. */
const CHAT_ID = /^(-?)0*([1-9]\d{0,15})(?::\d*)?$/;

export const telegramFacts: ChannelFacts = {
  type: 'telegram',
  label: 'Telegram',
  idPrefix: 'telegram',
  package: { name: '@chat-adapter/telegram', version: '4.41.0' },
  transport: 'polling',
  credentials: [
    {
      name: 'TELEGRAM_BOT_TOKEN',
      label: 'bot token',
      required: true,
      secret: true,
      pattern: /^\d{5,15}:[\w-]{30,60}$/,
      where: 'In Telegram write to @BotFather: /newbot (or /token for a bot that you have).',
    },
  ],
  platformId: {
    pattern: /^telegram:-?[1-9]\d{0,15}$/,
    example: 'telegram:-1001234567890',
    where: 'Write to the bot, or mention it in the group, and see what arrives with the step groups --list.',
    aliases: ['tg'],
    partial: /^(?:(?:https?:\/\/)?t\.me\/|@)[a-z]\w{3,31}(?:\/\d+)*\/?$/i,
    isGroup: (platformId) => platformId.startsWith('telegram:-'),
    // A direct chat has the id of the person.
    counterpart: (platformId) => (platformId.startsWith('telegram:-') ? null : platformId),
    normalizeRest(rest) {
      const linked = PRIVATE_LINK.exec(rest)?.[1];
      if (linked) return `-100${linked}`;
      const found = CHAT_ID.exec(rest.replace(/^[\u2212\u2013]/, '-'));
      return found ? `${found[1]}${found[2]}` : null;
    },
  },
  sayToBot:
    'Send it to the bot in its own chat, or write it in a group with a mention of the bot: "@<bot> <word>".',
  // Deep links: core.telegram.org/api/links#bot-links. What follows `start` arrives as "/start <word>".
  linksToBot: (bot, word) => ({
    direct: `https://t.me/${bot}?start=${word}`,
    group: `https://t.me/${bot}?startgroup=${word}`,
  }),
  tellsEdits: true,
  tellsDeletions: false,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: true,
    files: true,
    buttons: true,
    coldDirectMessages: false,
    textLimit: { max: 4096, unit: 'utf16' },
    idempotency: false,
    history: false,
    waitsForEver: false,
  },
};
