import type { Address } from '../../src/address.js';
import { gchat } from '../../src/channels/gchat.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { KEY_FILE } from '../fakes/gchat/tokens.js';
import {
  buttonsOf,
  createFakeGoogleChat,
  type FakeGoogleChat,
  type FakeMessage,
  type FakeSpace,
} from '../fakes/gchat.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { Words } from './contract/words.js';
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
    // developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages: 32,000 bytes.
    longestSaid: 32_000,
    group: { channelType: 'gchat', platformId: `gchat:${world.family.name}`, threadId: '' },
    direct: { channelType: 'gchat', platformId: `gchat:${world.direct.name}`, threadId: '' },
    sizesUnknown: true,
    thread() {
      const { thread } = world.add(world.team, world.ada, 'A thread');
      const threadId = thread.name.split('/').at(-1) ?? '';
      return { channelType: 'gchat', platformId: `gchat:${world.team.name}`, threadId };
    },
    say(to, text, { files, garbled } = {}) {
      const thread = threadOf(to);
      return fake.say(spaceOf(to), text, {
        ...(thread ? { thread } : {}),
        ...(files ? { files } : {}),
        ...(garbled ? { garbled } : {}),
      }).name;
    },
    posting(to, text) {
      const event = fake.eventOf('MESSAGE', world.add(spaceOf(to), world.ada, text));
      const headers = { 'content-type': 'application/json', authorization: fake.authorization() };
      return { headers, body: JSON.stringify(event) };
    },
    calls: () => callsOf(fake.http),
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
    words: wordsOf(fake),
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

/** What people do, as developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages has it. */
function wordsOf(fake: FakeGoogleChat): Words {
  const { world } = fake;
  const { direct, family, team } = world;
  const tell = (space: FakeSpace, text: string, fields: object = {}, thread?: string) => {
    const message = Object.assign(world.add(space, world.ada, text, thread), fields);
    void fake.caller.call(space.name, fake.authorization(), fake.eventOf('MESSAGE', message));
  };
  return {
    // #QuotedMessageMetadata
    answers(asked, quoted) {
      const { name, createTime, sender } = world.add(family, world.bob, quoted);
      const quotedMessageSnapshot = { sender: sender.displayName, text: quoted };
      tell(family, `@${world.app.displayName} ${asked}`, {
        quotedMessageMetadata: {
          name,
          lastUpdateTime: createTime,
          quoteType: 'REPLY',
          quotedMessageSnapshot,
        },
      });
    },
    forwards(text, origin) {
      const forwardedMetadata = { space: 'spaces/AAAA999', spaceDisplayName: 'Elsewhere' };
      const quotedMessageSnapshot = { sender: origin, text, formattedText: text };
      const name = 'spaces/AAAA999/messages/x.x';
      tell(direct, 'look at this', {
        quotedMessageMetadata: { name, quoteType: 'FORWARD', quotedMessageSnapshot, forwardedMetadata },
      });
    },
    asksInThread(asked, root) {
      const { thread } = world.add(team, world.bob, root);
      tell(team, `@${world.app.displayName} ${asked}`, {}, thread.name);
    },
    album: (caption) =>
      void fake.say(direct, caption, {
        files: [
          { name: 'one.png', data: Buffer.from('1') },
          { name: 'two.png', data: Buffer.from('2') },
        ],
      }),
    // …/reference/rest/v1/CommonEventObject#Inputs
    form(answer) {
      const message = world.add(direct, world.app, '');
      const common = { formInputs: { when: { stringInputs: { value: [answer] } } } };
      const event = fake.eventOf('CARD_CLICKED', message, { common });
      void fake.caller.call(direct.name, fake.authorization(), event);
    },
    // …/reference/rest/v1/cards
    wordsInBlocks: (text) =>
      tell(direct, '', {
        cardsV2: [
          { cardId: '1', card: { sections: [{ widgets: [{ textParagraph: { text: `<b>${text}</b>` } }] }] } },
        ],
      }),
    // …/reference/rest/v1/EventType
    service() {
      const kinds = ['ADDED_TO_SPACE', 'REMOVED_FROM_SPACE', 'WIDGET_UPDATED', 'APP_HOME', 'A_NEW_ONE'];
      for (const type of kinds) {
        const event = { type, space: direct, user: world.ada, eventTime: '2026-01-01T00:00:00Z' };
        void fake.caller.call(direct.name, fake.authorization(), event);
      }
      return kinds.length;
    },
    renames(name, text) {
      family.displayName = name;
      tell(family, text);
    },
    idsForNames() {
      const userMention = { user: world.bob, type: 'MENTION' };
      tell(direct, '', {
        formattedText: '<users/778899> knows',
        annotations: [{ type: 'USER_MENTION', userMention }],
      });
      return { shown: '@Bob knows' };
    },
  };
}

const NO_CHANGES = 'only a subscription of Workspace Events tells it, with the consent of a person';
const OF_APPS = 'people send none: it is the card of an app';
const NO_REACTIONS = 'reactions need the consent of a person, whose name they would bear';
const NO_HISTORY = 'an app cannot read what was said without it';

export const gchatFixture: ChannelFixture = {
  channelType: 'gchat',
  open: openGoogleChat,
  cannot: {
    'a marked part of a message comes as a part': 'what is quoted there is a whole message',
    'a sticker is named': 'there are none: pictures and animations are files and links',
    'a poll is told with its question and options': OF_APPS,
    'a place is told with its name and coordinates': 'a place is a link in the text',
    'a contact is told with name and number': 'a person is a name in the text',
    'an edit has the new words and names the message': NO_CHANGES,
    'an update that changes no word changes no word': NO_CHANGES,
    'a deletion names the message': NO_CHANGES,
    'a chat that moves is told with both ids': 'the id of a space stays',
    'a command for another bot is for nobody': 'Google sends a command to its own app only',
    'an anonymous admin is the chat, and no bot': 'each message shows the account that wrote it',
    'a mention that nobody sees calls nobody': 'an app hears in a space only what Google takes for a mention',
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
    'a message in the history that cannot be read keeps out none of the others': NO_HISTORY,
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': 'there is none: Google calls',
    'what strangers wrote while the host was away is not parsed, and comes in its order': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
  },
};
