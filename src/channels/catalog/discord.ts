import type { ChannelFacts } from './types.js';

const PORTAL = 'discord.com/developers/applications, your application';

/** `guild:channel`, also as it stands in a link (`discord.com/channels/<guild>/<channel>`); a thread belongs to its channel. */
const ADDRESS =
  /^(?:(?:https?:\/\/)?(?:\w+\.)?discord(?:app)?\.com\/channels\/)?(@me|\d{15,21})[:/](\d{15,21})(?:[:/]\d*)*$/i;

export const discordFacts: ChannelFacts = {
  type: 'discord',
  label: 'Discord',
  idPrefix: 'discord',
  package: { name: '@chat-adapter/discord', version: '4.41.0' },
  transport: 'gateway',
  credentials: [
    {
      name: 'DISCORD_BOT_TOKEN',
      label: 'bot token',
      required: true,
      secret: true,
      pattern: /^[\w-]{20,40}\.[\w-]{5,10}\.[\w-]{20,60}$/,
      where: `${PORTAL} > Bot > Reset Token.`,
    },
    {
      name: 'DISCORD_PUBLIC_KEY',
      label: 'public key',
      required: false,
      secret: false,
      pattern: /^[0-9a-f]{64}$/i,
      where: `${PORTAL} > General Information > Public Key.`,
    },
    {
      name: 'DISCORD_APPLICATION_ID',
      label: 'application id',
      required: false,
      secret: false,
      pattern: /^\d{15,21}$/,
      where: `${PORTAL} > General Information > Application ID.`,
    },
  ],
  platformId: {
    pattern: /^discord:(@me|\d{15,21}):\d{15,21}$/,
    example: 'discord:1100000000000000001:1200000000000000002',
    where:
      'User Settings > Advanced > Developer Mode, then right-click the channel > Copy Channel ID (or Copy Link).',
    aliases: ['dc'],
    partial: /^\d{15,21}$/,
    isGroup: (platformId) => !platformId.startsWith('discord:@me:'),
    normalizeRest(rest) {
      const found = ADDRESS.exec(rest);
      return found ? `${found[1]?.toLowerCase()}:${found[2]}` : null;
    },
  },
  sayToBot:
    'Send it to the bot in a direct message, or write it in a channel with a mention of the bot, chosen from the list that @ opens: "@<bot> <word>".',
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: true,
    files: true,
    buttons: true,
    coldDirectMessages: true,
    textLimit: { max: 2000, unit: 'utf16' },
    idempotency: true,
    history: true,
    waitsForEver: false,
  },
};
