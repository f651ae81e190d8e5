import type { Address } from '../../src/address.js';
import { whatsappCloud } from '../../src/channels/whatsapp-cloud.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { refusal } from '../fakes/whatsapp/graph.js';
import { createFakeWhatsApp, type FakeSent, type FakeWhatsApp } from '../fakes/whatsapp.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';
import { whatsappWords } from './whatsapp-cloud/words.js';

const SENDING = /^POST \/\d+\/messages$/;
const answer = (status: number, code: number, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  ...refusal(status, code),
  headers,
});

const FAULTS: Record<FaultName, Fault> = {
  'rate-limited': answer(429, 131056, { 'retry-after': '7' }),
  outage: answer(503, 2),
  refused: answer(400, 131009),
  // There is no such thing.
  'markup-refused': answer(400, 131009),
  ...NO_ANSWER,
};

export const VERIFY_TOKEN = 'a-word-of-our-own';

export interface WhatsAppStage extends WebhookStage, Adapters {
  fake: FakeWhatsApp;
}

/** WhatsApp's adapter with the real package beneath it, against the fake. */
export async function openWhatsApp(): Promise<WhatsAppStage> {
  const clock = createFakeClock();
  const fake = await createFakeWhatsApp(clock);
  const webhooks = openWebhooks();
  const { world, credentials } = fake;
  const { token } = credentials;
  const env = () => ({
    WHATSAPP_ACCESS_TOKEN: token,
    WHATSAPP_PHONE_NUMBER_ID: world.phoneNumberId,
    WHATSAPP_APP_SECRET: credentials.appSecret,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_API_URL: fake.http.origin(),
  });
  const adapters = createAdapters(whatsappCloud, {
    clock,
    env,
    webhooks: {
      async open(type, handle) {
        const route = await webhooks.open(type, handle);
        fake.webhookUrl = webhooks.url(type);
        return route;
      },
    },
  });
  const personOf = (to: Address) => {
    const found = world.people.find(({ wa_id }) => to.platformId.endsWith(`:${wa_id}`));
    if (!found) throw new Error(`nobody at ${to.platformId}`);
    return found;
  };
  const chatOf = (wa_id: string) => ({
    channelType: 'whatsapp-cloud',
    platformId: `whatsapp:${world.phoneNumberId}:${wa_id}`,
    threadId: '',
  });
  return {
    ...adapters,
    fake,
    webhooks,
    longestSaid: 4096,
    group: null,
    direct: chatOf(world.ada.wa_id),
    other: chatOf(world.ben.wa_id),
    sizesUnknown: true,
    thread: () => {
      throw new Error('WhatsApp has no threads');
    },
    say(to, text, { replyTo, files, garbled } = {}) {
      const [file] = files ?? [];
      return fake.say(personOf(to), text, {
        ...(replyTo ? { replyTo } : {}),
        ...(file ? { file } : {}),
        ...(garbled ? { garbled } : {}),
      });
    },
    posting: (to, text) => fake.posting(fake.bodyOf(personOf(to), text)),
    calls: () => callsOf(fake.http),
    opensLinks: ({ fields }) => {
      const told = JSON.stringify(fields);
      return told.includes('"type":"text","text":{') && !told.includes('"preview_url":false');
    },
    heard: (to) => fake.said(personOf(to)).map((sent) => heardOf(fake, sent)),
    react: (to, messageId, emoji) => fake.react(personOf(to), messageId, emoji),
    click: (to, messageId, label) => void fake.choose(personOf(to), messageId, label),
    words: whatsappWords(fake),
    fault: (name) => fake.http.faults.next(SENDING, FAULTS[name]),
    typing: () => world.typing.length,
    breakConnection: () => {
      throw new Error('WhatsApp holds no connection');
    },
    revokeToken: () => {
      credentials.token = 'EAAanother0token0000000000000';
    },
    restoreToken: () => {
      credentials.token = token;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.hook.close();
      await fake.http.close();
      adapters.removeState();
    },
  };
}

/** As a person reads it: a link is its words with the address behind them. */
const LINK = /(\w+) \((https:\/\/[^\s)]+)\)/g;

function heardOf({ world }: FakeWhatsApp, { id, text, media, replyTo, choices }: FakeSent): Heard {
  const reaction = world.reactions.get(id);
  return {
    id,
    text: text.replace(LINK, '[$1]($2)'),
    files: media ? [{ name: media.name, sha256: sha256(media.data) }] : [],
    replyTo,
    reactions: reaction ? [reaction] : [],
    buttons: choices.map(({ title }) => title),
  };
}

const NO_GROUPS =
  'people write to a number of their own accord, and messages in groups are not taken in; there are no bots among them';
const NO_HISTORY = 'there is no history: WhatsApp calls again for days with what was not taken in';
const NO_CONNECTION = 'no connection is held: WhatsApp calls';

export const whatsappFixture: ChannelFixture = {
  channelType: 'whatsapp-cloud',
  open: openWhatsApp,
  cannot: {
    'a command or an answer behind a mention is understood': NO_GROUPS,
    'two bots in one chat stop after six turns, until a person speaks': NO_GROUPS,
    'a message in a group': NO_GROUPS,
    'a mention': NO_GROUPS,
    'a reply to the bot counts as a mention': NO_GROUPS,
    'other bots are told from people, and the own words are not heard': NO_GROUPS,
    'a message in a thread': 'there are no threads',
    'a reply in a thread stays in it': 'there are no threads',
    'an edit changes the message': 'what was said cannot be changed',
    'markup that the platform refuses is said plainly': 'marks that make no sense are shown as they are',
    'a message in the history that cannot be read keeps out none of the others': NO_HISTORY,
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'what strangers wrote while the host was away is not parsed, and comes in its order': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': NO_CONNECTION,
    'words that a message answers come with it, as those of who wrote them':
      'an answer has the id of what it answers only; the conversation looks the words up that it has',
    'a marked part of a message comes as a part': 'a message is answered as a whole',
    'what a thread began with can be fetched, with who wrote it': 'there are no threads',
    'the parts of an album name the same album':
      'pictures come one by one: nothing tells that they belong together',
    'a poll is told with its question and options':
      'a poll comes as a message that is not supported, without its question',
    'a chat that moves is told with both ids':
      'a person with a new number keeps the chat: both numbers are told, and the new one leads to the same chat',
    'a command for another bot is for nobody': NO_GROUPS,
    'an anonymous admin is the chat, and no bot': NO_GROUPS,
    'a mention that nobody sees calls nobody': NO_GROUPS,
    'ids in words are names': 'words come as people see them: only groups have mentions',
  },
};
