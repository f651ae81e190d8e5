import type { Address } from '../../src/address.js';
import { normalizePlatformId } from '../../src/channels/catalog/index.js';
import { teams } from '../../src/channels/teams.js';
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
import { callsOf, type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { Words } from './contract/words.js';
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
    // learn.microsoft.com/microsoftteams/limits-specifications-teams: about 28 KB.
    longestSaid: 28_000,
    group: addressOf(world.family),
    direct: addressOf(world.direct),
    sizesUnknown: true,
    thread() {
      const root = { conversation: world.general, from: world.ada, text: 'A thread', textFormat: 'plain' };
      return addressOf(world.general, world.add({ ...root, attachments: [], entities: [] }).id);
    },
    say(to, text, { mention, replyTo, files, garbled } = {}) {
      return fake.say(conversationOf(to), text, {
        ...(to.threadId ? { thread: to.threadId } : {}),
        ...(mention ? { mention } : {}),
        ...(replyTo ? { quote: messageOf(replyTo) } : {}),
        ...(files ? { files } : {}),
        ...(garbled ? { garbled } : {}),
      }).id;
    },
    posting(to, text) {
      const activity = fake.activity(conversationOf(to), { id: String(clock.now()), text }, to.threadId);
      const headers = { 'content-type': 'application/json', authorization: fake.authorization() };
      return { headers, body: JSON.stringify(activity) };
    },
    calls: () => callsOf(fake.http),
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
    words: wordsOf(fake),
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

/** A quotation in the HTML of a message, as Teams writes it. */
export const quotation = (kind: 'Reply' | 'Forward', from: string, words: string, at = '1767225600000') =>
  `<blockquote itemscope="" itemtype="http://schema.skype.com/${kind}" itemid="${at}">` +
  `<strong itemprop="mri" itemid="8:orgid:1">${from}</strong><span itemprop="time" itemid="${at}"></span>` +
  `<p itemprop="${kind === 'Reply' ? 'preview' : 'copy'}">${words}</p></blockquote>`;

/** What people do, as learn.microsoft.com/microsoftteams/platform/bots has the activities of it. */
function wordsOf(fake: FakeTeams): Words {
  const { world } = fake;
  const { direct, family, general } = world;
  const at = `<at>${world.bot.name}</at>`;
  const mention = { type: 'mention', text: at, mentioned: world.bot };
  let count = 0;
  const tell = (conversation: FakeConversation, fields: object, thread?: string) => {
    count += 1;
    fake.tell(conversation, { id: `17672256${String(count).padStart(5, '0')}`, ...fields }, thread);
  };
  const html = (content: string) => [{ contentType: 'text/html', content }];
  // …/bots/how-to/conversations/channel-messages: `channelData.eventType`
  const change = (conversation: FakeConversation, id: string, type: string, eventType: string, text = '') =>
    fake.tell(conversation, {
      type,
      id,
      text,
      channelData: { eventType },
      timestamp: '2026-02-01T00:00:00Z',
    });
  return {
    answers: (asked, quoted) =>
      tell(family, {
        text: `Bob ${quoted}\r\n${at} ${asked}`,
        entities: [mention],
        attachments: html(`${quotation('Reply', 'Bob', quoted)}<p>${at} ${asked}</p>`),
      }),
    forwards: (text, origin) =>
      tell(direct, {
        text: `${origin} ${text}`,
        attachments: html(`${quotation('Forward', origin, text)}<p>look at this</p>`),
      }),
    // …/bots/how-to/conversations/channel-messages-with-rsc: a bot with consent hears what does not call it
    asksInThread(asked, root) {
      const message = fake.say(general, root);
      fake.say(general, asked, { thread: message.id, mention: true });
    },
    album: (caption) =>
      void fake.say(direct, caption, {
        files: [
          { name: 'one.png', data: Buffer.from('1') },
          { name: 'two.png', data: Buffer.from('2') },
        ],
      }),
    // …/task-modules-and-cards/cards/cards-actions: `value` of Action.Submit
    form: (answer) => tell(direct, { value: { when: answer, msteams: { type: 'task/submit' } } }),
    wordsInBlocks: (text) =>
      tell(direct, {
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.hero',
            content: {
              title: 'A card',
              text,
              buttons: [{ type: 'openUrl', title: 'More', value: 'https://x' }],
            },
          },
        ],
      }),
    service() {
      const events = [
        { type: 'conversationUpdate', membersAdded: [world.bob] },
        { type: 'conversationUpdate', topicName: 'Crew', channelData: { eventType: 'teamRenamed' } },
        { type: 'conversationUpdate', channelData: { eventType: 'a_new_one' } },
        { type: 'installationUpdate', action: 'add' },
        { type: 'event', name: 'application/vnd.microsoft.meetingStart' },
        { type: 'typing' },
        { type: 'endOfConversation' },
      ];
      for (const fields of events) tell(direct, fields);
      return events.length;
    },
    edits(before, after) {
      const { id } = fake.say(direct, before);
      change(direct, id, 'messageUpdate', 'editMessage', after);
    },
    touches(text) {
      const { id } = fake.say(direct, text);
      change(direct, id, 'messageUpdate', 'undeleteMessage', text);
    },
    deletes(text) {
      const { id } = fake.say(direct, text);
      change(direct, id, 'messageDelete', 'softDeleteMessage');
    },
    renames(name, text) {
      family.name = name;
      fake.say(family, text);
    },
    hiddenMention: (text) =>
      void fake.say(family, `${text} \`@${world.bot.name}\` <!-- @${world.bot.name} -->`),
    idsForNames() {
      const entities = [{ type: 'mention', text: '<at id="1">Bob</at>', mentioned: world.bob }];
      tell(direct, { text: '<at id="1">Bob</at>&nbsp;says 1 &lt; 2 &amp; 3 &#62; 2', entities });
      return { shown: '@Bob says 1 < 2 & 3 > 2' };
    },
  };
}

const APP_CARD = 'it is the card of an app: its words are those of a card';
const NO_HISTORY = 'history is Microsoft Graph’s, which needs the consent of an administrator';

export const teamsFixture: ChannelFixture = {
  channelType: 'teams',
  open: openTeams,
  cannot: {
    'a marked part of a message comes as a part': 'what is answered there is a whole message',
    'a sticker is named': 'it is a picture, and comes as a file',
    'a poll is told with its question and options': APP_CARD,
    'a place is told with its name and coordinates': APP_CARD,
    'a contact is told with name and number': APP_CARD,
    'a chat that moves is told with both ids': 'the id of a conversation stays',
    'a command for another bot is for nobody': 'a bot hears what mentions it, and commands name no bot',
    'an anonymous admin is the chat, and no bot': 'each message shows the account that wrote it',
    'two bots in one chat stop after six turns, until a person speaks': 'a bot is not told what bots say',
    'other bots are told from people, and the own words are not heard': 'a bot is not told what bots say',
    'markup that the platform refuses is said plainly': 'what is no markup is shown as it stands',
    'a message in the history that cannot be read keeps out none of the others': NO_HISTORY,
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': 'there is none: the connector calls',
    'what strangers wrote while the host was away is not parsed, and comes in its order': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
  },
};
