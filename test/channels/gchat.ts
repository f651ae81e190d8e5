import { gchat } from '../../src/channels/gchat.js';
import type { Address } from '../../src/db/types.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { KEY_FILE } from '../fakes/gchat/tokens.js';
import { buttonsOf, createFakeGoogleChat, type FakeGoogleChat, type FakeMessage } from '../fakes/gchat.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { type FaultName, type Heard, NO_ANSWER } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';

const SENDING = /^POST \/v1\/spaces\/[^/]+\/messages$/;
const refusal = (status: number, name: string, headers = {}): Fault => ({
  kind: 'answer',
  status,
  body: { error: { code: status, status: name, details: [] } },
  headers,
});

const FAULTS: Record<Exclude<FaultName, 'markup-refused'>, Fault> = {
  'rate-limited': refusal(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '7' }),
  outage: refusal(503, 'UNAVAILABLE'),
  refused: refusal(403, 'PERMISSION_DENIED'),
  ...NO_ANSWER,
};

export interface GoogleChatStage extends WebhookStage, Adapters {
  fake: FakeGoogleChat;
}

/** Google Chat's adapter with the real package beneath it, against the fake. */
export async function openGoogleChat(): Promise<GoogleChatStage> {
  const clock = createFakeClock();
  const webhooks = openWebhooks();
  const fake = await createFakeGoogleChat(clock.now, () => webhooks.url('gchat'));
  const { world } = fake;
  const validToken = fake.token;
  const env = () => ({
    GCHAT_CREDENTIALS: JSON.stringify(KEY_FILE),
    GCHAT_PROJECT_NUMBER: fake.projectNumber,
    GCHAT_API_URL: fake.http.origin(),
    GCHAT_TOKEN_URL: `${fake.http.origin()}/token`,
    GCHAT_CERTS_URL: fake.http.origin(),
  });
  const adapters = createAdapters(gchat, { clock, webhooks, env });
  const spaceOf = (to: Address) => {
    const space = world.spaces.get(to.platformId.replace('gchat:', ''));
    if (!space) throw new Error(`no space ${to.platformId}`);
    return space;
  };
  const threadOf = (to: Address) => (to.threadId ? `${spaceOf(to).name}/threads/${to.threadId}` : undefined);
  const messageOf = (name: string): FakeMessage => {
    const found = world.messages.find((message) => message.name === name);
    if (!found) throw new Error(`no message ${name}`);
    return found;
  };
  return {
    ...adapters,
    fake,
    webhooks,
    group: { channelType: 'gchat', platformId: `gchat:${world.family.name}`, threadId: '' },
    direct: { channelType: 'gchat', platformId: `gchat:${world.direct.name}`, threadId: '' },
    sizesUnknown: true,
    thread() {
      const { thread } = world.add(world.team, world.ada, 'A thread');
      const threadId = thread.name.split('/').at(-1) ?? '';
      return { channelType: 'gchat', platformId: `gchat:${world.team.name}`, threadId };
    },
    say(to, text, { files } = {}) {
      const thread = threadOf(to);
      return fake.say(spaceOf(to), text, { ...(thread ? { thread } : {}), ...(files ? { files } : {}) }).name;
    },
    posting(to, text) {
      const event = fake.eventOf('MESSAGE', world.add(spaceOf(to), world.ada, text));
      const headers = { 'content-type': 'application/json', authorization: fake.authorization() };
      return { headers, body: JSON.stringify(event) };
    },
    heard: (to) => fake.said(spaceOf(to), threadOf(to)).map(heardOf),
    react: () => {
      throw new Error('apps are not told of reactions');
    },
    click: (_, messageId, label) => fake.click(messageOf(messageId), label),
    fault(name) {
      if (name === 'markup-refused') throw new Error('Google Chat refuses no markup');
      fake.http.faults.next(SENDING, FAULTS[name]);
    },
    typing: () => 0,
    breakConnection: () => {
      throw new Error('there is no connection');
    },
    revokeToken: () => {
      fake.token = null;
    },
    restoreToken: () => {
      fake.token = validToken;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

/** A link as it was before it was put into Google Chat's markup. */
const asMarkdown = (text: string) => text.replace(/<(https?:[^|>]+)\|([^>]+)>/g, '[$2]($1)');

function heardOf(message: FakeMessage): Heard {
  return {
    id: message.name,
    text: asMarkdown(message.text),
    sent: message.text,
    files: [],
    replyTo: null,
    reactions: [],
    buttons: buttonsOf(message).map((button) => button.text),
  };
}

const NO_REACTIONS = 'reactions need the consent of a person, whose name they would bear';
const NO_HISTORY = 'an app cannot read what was said without it';

export const gchatFixture: ChannelFixture = {
  channelType: 'gchat',
  open: openGoogleChat,
  cannot: {
    'two bots in one chat stop after six turns, until a person speaks': 'an app is not told what apps say',
    'a message in a group': 'an app hears in a space only what is said to it',
    'a reply to the bot counts as a mention': 'an app hears in a space only what mentions it',
    'other bots are told from people, and the own words are not heard': 'an app is not told what apps say',
    'a reply names what it answers': 'an answer stays in the thread in which it was asked',
    'a reaction of a person': 'apps are not told of reactions',
    'a reaction is put under the message': NO_REACTIONS,
    'a file goes with equal bytes': 'files need the consent of a person too',
    'typing is shown': 'there is none for apps',
    'markup that the platform refuses is said plainly': 'what is no markup is shown as it stands',
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': 'there is none: Google calls',
    'history and a chat can be asked for': NO_HISTORY,
  },
};
