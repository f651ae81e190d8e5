import type { ChannelFacts } from './types.js';

const APP = 'api.slack.com/apps, your app';

/** A channel's id, also as it stands in a link (`<team>.slack.com/archives/<channel>/p…`); a thread belongs to its channel. */
const CHANNEL =
  /^(?:(?:https?:\/\/)?[\w-]+(?:\.enterprise)?\.slack\.com\/(?:archives|messages)\/|(?:https?:\/\/)?app\.slack\.com\/client\/\w+\/)?([CDG][A-Z0-9]{7,20})(?:[:/?].*)?$/i;

export const slackFacts: ChannelFacts = {
  type: 'slack',
  label: 'Slack',
  idPrefix: 'slack',
  package: { name: '@chat-adapter/slack', version: '4.41.0' },
  transport: 'socket',
  transportWith: (env) => (!env.SLACK_APP_TOKEN && env.SLACK_SIGNING_SECRET ? 'webhook' : 'socket'),
  credentials: [
    {
      name: 'SLACK_BOT_TOKEN',
      label: 'bot token',
      required: true,
      secret: true,
      pattern: /^xoxb-[\w-]{20,200}$/,
      where: `${APP} > OAuth & Permissions > Bot User OAuth Token (install the app first).`,
    },
    {
      name: 'SLACK_APP_TOKEN',
      label: 'app-level token',
      required: false,
      secret: true,
      pattern: /^xapp-[\w-]{20,200}$/,
      where: `${APP} > Basic Information > App-Level Tokens: one with the scope connections:write, and Socket Mode switched on. With it events come over a connection of ours.`,
    },
    {
      name: 'SLACK_SIGNING_SECRET',
      label: 'signing secret',
      required: false,
      secret: true,
      pattern: /^[0-9a-f]{32}$/i,
      where: `${APP} > Basic Information > App Credentials > Signing Secret. Without an app-level token events come by webhook, which needs a public address.`,
    },
  ],
  oneOf: [['SLACK_APP_TOKEN'], ['SLACK_SIGNING_SECRET']],
  platformId: {
    pattern: /^slack:[CDG][A-Z0-9]{7,20}$/,
    example: 'slack:C0123ABCDEF',
    where: "Open the channel's details: its id stands at the bottom (or right-click > Copy link).",
    aliases: [],
    partial: null,
    isGroup: (platformId) => !platformId.startsWith('slack:D'),
    normalizeRest: (rest) => CHANNEL.exec(rest)?.[1]?.toUpperCase() ?? null,
  },
  sayToBot:
    'Send it to the bot in a direct message, or write it in a channel with a mention of the bot, chosen from the list that @ opens: "@<bot> <word>".',
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: false,
    files: true,
    buttons: true,
    coldDirectMessages: true,
    textLimit: { max: 12_000, unit: 'utf16' },
    idempotency: false,
    history: true,
    waitsForEver: false,
  },
};
