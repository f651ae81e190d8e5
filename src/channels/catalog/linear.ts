import type { ChannelFacts } from './types.js';

const API = 'linear.app, Settings > Administration > API';
const APP = `${API} > OAuth applications > your application (with client credentials switched on)`;

/** A team's key, also as it stands in a link or before the number of an issue (`ENG-12`). */
const KEY = '([a-z][a-z\\d]{0,9})(?:-\\d+)?';
const TEAM = new RegExp(`^${KEY}(?::[a-z][a-z\\d]*-\\d+)?$`, 'i');
const LINK = new RegExp(`^(?:https?://)?linear\\.app/[\\w-]+/(?:team|issue)/${KEY}(?:[/?#].*)?$`, 'i');

export const linearFacts: ChannelFacts = {
  type: 'linear',
  label: 'Linear',
  idPrefix: 'linear',
  package: { name: '@chat-adapter/linear', version: '4.41.0' },
  transport: 'webhook',
  credentials: [
    {
      name: 'LINEAR_API_KEY',
      label: 'API key of the bot',
      required: false,
      secret: true,
      pattern: /^lin_api_\w{20,100}$/,
      where:
        'linear.app, as the member that is the bot: Settings > Account > Security & access > Personal API keys > New API key.',
    },
    {
      name: 'LINEAR_CLIENT_ID',
      label: 'client id',
      required: false,
      secret: false,
      pattern: /^[\w-]{16,100}$/,
      where: `${APP} > Client ID.`,
    },
    {
      name: 'LINEAR_CLIENT_SECRET',
      label: 'client secret',
      required: false,
      secret: true,
      pattern: /^\S{16,200}$/,
      where: `${APP} > Client secret.`,
    },
    {
      name: 'LINEAR_WEBHOOK_SECRET',
      label: 'signing secret of the webhook',
      required: true,
      secret: true,
      pattern: /^\S{16,200}$/,
      where: `${API} > Webhooks > the webhook > Signing secret.`,
    },
  ],
  oneOf: [['LINEAR_API_KEY'], ['LINEAR_CLIENT_ID', 'LINEAR_CLIENT_SECRET']],
  platformId: {
    pattern: /^linear:[A-Z][A-Z\d]{0,9}$/,
    example: 'linear:ENG',
    where:
      "It is what stands before the number of the team's issues (ENG in ENG-12), and in the team's settings.",
    aliases: [],
    partial: null,
    isGroup: () => true,
    normalizeRest: (rest) => (TEAM.exec(rest) ?? LINK.exec(rest))?.[1]?.toUpperCase() ?? null,
  },
  writesDocuments: true,
  sayToBot:
    'Write it in a comment on an issue of the team, with a mention of the bot, chosen from the list that @ opens: "@<bot> <word>".',
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: false,
    files: true,
    buttons: false,
    coldDirectMessages: false,
    textLimit: { max: 30_000, unit: 'utf16' },
    idempotency: false,
    history: true,
    waitsForEver: false,
  },
};
