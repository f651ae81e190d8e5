import type { ChannelFacts } from './types.js';

const BOT = 'portal.azure.com, your Azure Bot > Settings > Configuration';
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const decoded = (part: string) => Buffer.from(part, 'base64url').toString();
const encoded = (text: string) => Buffer.from(text).toString('base64url');

/** What a conversation is, where its id does not tell: only those of groups and channels begin with `19:`. */
const KINDS = ['personal', 'groupChat', 'channel'];
const looksPersonal = (conversation: string) => !conversation.startsWith('19:');

/** An address of the service in one form, without a slash at its end; null: it is none. */
function serviceUrlOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const isLoopback = url.protocol === 'http:' && url.hostname === '127.0.0.1';
  if (url.username || url.password || url.search || url.hash) return null;
  return url.protocol === 'https:' || isLoopback ? url.origin + url.pathname.replace(/\/+$/, '') : null;
}

/** A message's thread stands behind the conversation; it belongs to its channel. */
const conversationOf = (text: string): string | null =>
  /^[\x21-\x7e]{3,300}$/.test(text) ? text.replace(/;messageid=\d*$/, '') : null;

function normalizeRest(rest: string): string | null {
  const [first = '', second = '', kind, more] = rest.split(':');
  const conversation = conversationOf(decoded(first));
  const serviceUrl = serviceUrlOf(decoded(second));
  if (conversation === null || serviceUrl === null || more !== undefined) return null;
  if (kind !== undefined && !KINDS.includes(kind)) return null;
  const told = kind !== undefined && (kind === 'personal') !== looksPersonal(conversation);
  return [encoded(conversation), encoded(serviceUrl), ...(told ? [kind] : [])].join(':');
}

function isGroup(platformId: string): boolean {
  const [, conversation = '', , kind] = platformId.split(':');
  return kind === undefined ? !looksPersonal(decoded(conversation)) : kind !== 'personal';
}

export const teamsFacts: ChannelFacts = {
  type: 'teams',
  label: 'Microsoft Teams',
  idPrefix: 'teams',
  package: { name: '@chat-adapter/teams', version: '4.41.0' },
  transport: 'webhook',
  credentials: [
    {
      name: 'TEAMS_APP_ID',
      label: 'app id',
      required: true,
      secret: false,
      pattern: GUID,
      where: `${BOT} > Microsoft App ID.`,
    },
    {
      name: 'TEAMS_APP_PASSWORD',
      label: 'client secret',
      required: true,
      secret: true,
      pattern: /^[\x21-\x7e]{16,200}$/,
      where: `${BOT} > Manage Password > Certificates & secrets > New client secret: its Value (not its Secret ID).`,
    },
    {
      name: 'TEAMS_APP_TENANT_ID',
      label: 'tenant id',
      required: true,
      secret: false,
      pattern: GUID,
      where: `${BOT} > App Tenant ID.`,
    },
  ],
  platformId: {
    pattern: /^teams:[\w-]{4,400}:[\w-]{10,700}(?::(?:personal|groupChat|channel))?$/,
    example: 'teams:MTk6YWJjZGVmQHRocmVhZC50YWN2Mg:aHR0cHM6Ly9zbWJhLnRyYWZmaWNtYW5hZ2VyLm5ldC90ZWFtcw',
    where: 'Write to the bot, or mention it in the chat, and see what arrives with the step groups --list.',
    aliases: [],
    partial: null,
    isGroup,
    normalizeRest,
  },
  sayToBot:
    'Send it to the bot in its own chat, or write it in a channel or group chat with a mention of the bot, chosen from the list that @ opens: "@<bot> <word>".',
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: true,
    edits: true,
    reactions: true,
    typing: true,
    files: true,
    buttons: true,
    coldDirectMessages: false,
    textLimit: { max: 10_000, unit: 'utf16' },
    idempotency: false,
    history: false,
    waitsForEver: false,
  },
};
