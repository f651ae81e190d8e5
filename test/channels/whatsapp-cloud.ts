import { whatsappCloud } from '../../src/channels/whatsapp-cloud.js';
import type { Address } from '../../src/db/types.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { refusal } from '../fakes/whatsapp/graph.js';
import { createFakeWhatsApp, type FakeSent, type FakeWhatsApp } from '../fakes/whatsapp.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';

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
    group: null,
    direct: chatOf(world.ada.wa_id),
    other: chatOf(world.ben.wa_id),
    sizesUnknown: true,
    thread: () => {
      throw new Error('WhatsApp has no threads');
    },
    say(to, text, { replyTo, files } = {}) {
      const [file] = files ?? [];
      return fake.say(personOf(to), text, { ...(replyTo ? { replyTo } : {}), ...(file ? { file } : {}) });
    },
    posting: (to, text) => fake.posting(fake.bodyOf(personOf(to), text)),
    heard: (to) => fake.said(personOf(to)).map((sent) => heardOf(fake, sent)),
    react: (to, messageId, emoji) => fake.react(personOf(to), messageId, emoji),
    click: (to, messageId, label) => void fake.choose(personOf(to), messageId, label),
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

const NO_GROUPS = 'people write to a number of their own accord: there are no groups, and no bots among them';
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
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': NO_CONNECTION,
  },
};
