import { normalizePlatformId } from '../../src/channels/catalog.js';
import { teams } from '../../src/channels/teams.js';
import type { Address } from '../../src/db/types.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import {
  buttonsOf,
  createFakeTeams,
  type FakeConversation,
  type FakeMessage,
  type FakeTeams,
} from '../fakes/teams.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';

const SENDING = /^POST \/teams\/v3\/conversations\/[^/]+\/activities$/;
const refusal = (status: number, code: string, headers = {}): Fault => ({
  kind: 'answer',
  status,
  body: { error: { code, message: 'no' } },
  headers,
});

const FAULTS: Record<Exclude<FaultName, 'markup-refused'>, Fault> = {
  'rate-limited': refusal(429, 'TooManyRequests', { 'retry-after': '7' }),
  outage: refusal(503, 'ServiceUnavailable'),
  refused: refusal(403, 'BotNotInConversationRoster'),
  ...NO_ANSWER,
};

const EMOJI: Readonly<Record<string, string>> = { like: '👍', '1f440_eyes': '👀' };

export interface TeamsStage extends WebhookStage, Adapters {
  fake: FakeTeams;
  /** The address of a conversation. */
  addressOf(conversation: FakeConversation, threadId?: string): Address;
}

const b64 = (text: string) => Buffer.from(text).toString('base64url');

/** Teams' adapter with the real packages beneath it, against the fake. */
export async function openTeams(): Promise<TeamsStage> {
  const clock = createFakeClock();
  const webhooks = openWebhooks();
  const fake = await createFakeTeams(clock.now, () => webhooks.url('teams'));
  const { world, password } = fake;
  const env = () => ({
    // People paste it as some page of Microsoft's shows it.
    TEAMS_APP_ID: world.appId.toUpperCase(),
    TEAMS_APP_PASSWORD: password,
    TEAMS_APP_TENANT_ID: world.tenantId,
    TEAMS_API_URL: fake.http.origin(),
    TEAMS_LOGIN_URL: fake.http.origin(),
    TEAMS_OPENID_URL: `${fake.http.origin()}/openid`,
  });
  const adapters = createAdapters(teams, { clock, webhooks, env });
  const addressOf = ({ id }: FakeConversation, threadId = '') => ({
    channelType: 'teams',
    platformId: normalizePlatformId('teams', `${b64(id)}:${b64(fake.serviceUrl)}`),
    threadId,
  });
  const conversationOf = (to: Address) => {
    const found = world.conversations.get(
      Buffer.from(to.platformId.split(':')[1] ?? '', 'base64url').toString(),
    );
    if (!found) throw new Error(`no conversation ${to.platformId}`);
    return found;
  };
  const messageOf = (id: string): FakeMessage => {
    const found = world.messages.find((message) => message.id === id);
    if (!found) throw new Error(`no message ${id}`);
    return found;
  };
  return {
    ...adapters,
    fake,
    webhooks,
    addressOf,
    group: addressOf(world.family),
    direct: addressOf(world.direct),
    sizesUnknown: true,
    thread() {
      const root = { conversation: world.general, from: world.ada, text: 'A thread', textFormat: 'plain' };
      return addressOf(world.general, world.add({ ...root, attachments: [], entities: [] }).id);
    },
    say(to, text, { mention, replyTo, files } = {}) {
      return fake.say(conversationOf(to), text, {
        ...(to.threadId ? { thread: to.threadId } : {}),
        ...(mention ? { mention } : {}),
        ...(replyTo ? { quote: messageOf(replyTo) } : {}),
        ...(files ? { files } : {}),
      }).id;
    },
    posting(to, text) {
      const activity = fake.activity(conversationOf(to), { id: String(clock.now()), text }, to.threadId);
      const headers = { 'content-type': 'application/json', authorization: fake.authorization() };
      return { headers, body: JSON.stringify(activity) };
    },
    heard: (to) => fake.said(conversationOf(to), to.threadId || undefined).map(heardOf),
    react(_, messageId, emoji) {
      const type = Object.entries(EMOJI).find(([, shown]) => shown === emoji)?.[0] ?? '';
      fake.react(messageOf(messageId), type);
    },
    click: (_, messageId, label) => fake.click(messageOf(messageId), label),
    fault(name) {
      if (name === 'markup-refused') throw new Error('Teams refuses no markup');
      fake.http.faults.next(SENDING, FAULTS[name]);
    },
    typing: () => fake.typed(),
    breakConnection: () => {
      throw new Error('there is no connection');
    },
    revokeToken: () => {
      fake.password = 'another-secret-00000';
    },
    restoreToken: () => {
      fake.password = password;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

const QUOTE = /^<quoted messageId="(\d+)"\/> /;

function heardOf(message: FakeMessage): Heard {
  const files = message.attachments.flatMap(({ name, contentUrl }) => {
    const data = /^data:[^;]+;base64,(.*)$/.exec(contentUrl ?? '')?.[1];
    return data === undefined ? [] : [{ name: name ?? '', sha256: sha256(Buffer.from(data, 'base64')) }];
  });
  return {
    id: message.id,
    text: message.text.replace(QUOTE, ''),
    files,
    replyTo: QUOTE.exec(message.text)?.[1] ?? null,
    reactions: message.reactions.map((type) => EMOJI[type] ?? type),
    buttons: buttonsOf(message).map((button) => button.title),
  };
}

const NO_HISTORY = 'history is Microsoft Graph’s, which needs the consent of an administrator';

export const teamsFixture: ChannelFixture = {
  channelType: 'teams',
  open: openTeams,
  cannot: {
    'two bots in one chat stop after six turns, until a person speaks': 'a bot is not told what bots say',
    'other bots are told from people, and the own words are not heard': 'a bot is not told what bots say',
    'markup that the platform refuses is said plainly': 'what is no markup is shown as it stands',
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': 'there is none: the connector calls',
    'history and a chat can be asked for': NO_HISTORY,
  },
};
