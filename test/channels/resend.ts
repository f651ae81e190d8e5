import type { Address } from '../../src/address.js';
import { resend } from '../../src/channels/resend.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { createFakeResend, type FakeResend, refusal, type SentMail } from '../fakes/resend.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';
import { resendWords } from './resend/words.js';

const SENDING = /^POST \/emails$/;
const answer = (status: number, name: string, headers: Record<string, string> = {}): Fault => ({
  kind: 'answer',
  ...refusal(status, name),
  headers,
});

const FAULTS: Record<FaultName, Fault> = {
  'rate-limited': answer(429, 'rate_limit_exceeded', { 'retry-after': '7' }),
  outage: answer(500, 'application_error'),
  refused: answer(422, 'validation_error'),
  // There is no such thing.
  'markup-refused': answer(422, 'validation_error'),
  ...NO_ANSWER,
};

const ROOT = 'the-first-mail@example.org';

export interface ResendStage extends WebhookStage, Adapters {
  fake: FakeResend;
}

/** E-mail by Resend, against the fake. */
export async function openResend(): Promise<ResendStage> {
  const clock = createFakeClock();
  const fake = await createFakeResend(clock);
  const webhooks = openWebhooks();
  const { key } = fake;
  const { value } = key;
  const env = () => ({
    RESEND_API_KEY: value,
    RESEND_FROM_ADDRESS: `Andy <agent@${fake.domain.name}>`,
    RESEND_WEBHOOK_SECRET: fake.secret,
    RESEND_API_URL: fake.http.origin(),
  });
  const adapters = createAdapters(resend, {
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
  const chatOf = (address: string) => ({
    channelType: 'resend',
    platformId: `resend:${address}`,
    threadId: '',
  });
  const addressOf = ({ platformId }: Address) => platformId.slice('resend:'.length);
  const direct = chatOf('ada@example.org');
  return {
    ...adapters,
    fake,
    webhooks,
    longestSaid: 100_000,
    group: null,
    direct,
    other: chatOf('ben@example.org'),
    sizesUnknown: true,
    threadEach: true,
    thread: () => ({ ...direct, threadId: ROOT }),
    say(to, text, { replyTo, files, garbled = false } = {}) {
      const answered = replyTo ? fake.messageIdOf(replyTo) : to.threadId && `<${to.threadId}>`;
      const headers = answered ? { 'in-reply-to': answered, references: answered } : {};
      return fake.receive({ from: addressOf(to), text, headers, garbled, ...(files ? { files } : {}) });
    },
    posting: (to, text) => fake.incoming({ from: addressOf(to), subject: text, text: `${text} again` }),
    calls: () => callsOf(fake.http),
    heard: (to) =>
      fake.sent
        .filter((mail) => mail.to === addressOf(to))
        .filter((mail) => to.threadId === '' || mail.headers.References?.startsWith(`<${to.threadId}>`))
        .map(heardOf),
    react: () => {
      throw new Error('there are no reactions to mails');
    },
    click: () => {
      throw new Error('a mail has no buttons');
    },
    fault: (name) => fake.http.faults.next(SENDING, FAULTS[name]),
    typing: () => 0,
    words: resendWords(fake, addressOf(direct)),
    breakConnection: () => {
      throw new Error('Resend holds no connection');
    },
    revokeToken: () => {
      key.value = 're_another0000key';
    },
    restoreToken: () => {
      key.value = value;
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

function heardOf({ id, text, files, headers }: SentMail): Heard {
  return {
    id,
    text,
    files: files.map(({ name, data }) => ({ name, sha256: sha256(data) })),
    // The fake names a mail by Resend's id of it.
    replyTo: /^<(.*)@/.exec(headers['In-Reply-To'] ?? '')?.[1] ?? null,
    reactions: [],
    buttons: [],
  };
}

const NO_SUCH = 'a mail has words and files, and nothing else';
const NO_CHANGES = 'a mail that was sent cannot be changed or taken back';
const NO_GROUPS = 'a mail is between two: whoever else gets it is not part of the chat';
const NO_BUTTONS = 'a mail has no buttons and no reactions';
const NO_HISTORY =
  'what came in while nobody answered is told again for more than a day; older mails are not read';

export const resendFixture: ChannelFixture = {
  channelType: 'resend',
  open: openResend,
  cannot: {
    'words that a message answers come with it, as those of who wrote them':
      'a mail bears what it answers among its own words, and calls nobody by name',
    'a marked part of a message comes as a part': 'what is quoted stands between the words of the mail',
    'what a thread began with can be fetched, with who wrote it': 'a mail bears its thread below its words',
    'a sticker is named': NO_SUCH,
    'a poll is told with its question and options': NO_SUCH,
    'a place is told with its name and coordinates': NO_SUCH,
    'a contact is told with name and number': NO_SUCH,
    'the answer to a form is its words': NO_SUCH,
    'a service message is for nobody': 'who delivers mail writes mails, which are known as automatic ones',
    'an edit has the new words and names the message': NO_CHANGES,
    'an update that changes no word changes no word': NO_CHANGES,
    'a deletion names the message': NO_CHANGES,
    'a chat that is renamed has its new name': 'a chat is an address',
    'a chat that moves is told with both ids': 'a chat is an address, and another address is another chat',
    'a command for another bot is for nobody': 'a mail goes to an address, and names no bot',
    'an anonymous admin is the chat, and no bot': NO_GROUPS,
    'a mention that nobody sees calls nobody': NO_GROUPS,
    'ids in words are names': 'there are no ids in what people write',
    'a command or an answer behind a mention is understood': NO_GROUPS,
    'two bots in one chat stop after six turns, until a person speaks': NO_GROUPS,
    'a click tells who clicked, by the same id as what they say': NO_BUTTONS,
    'a message in a group': NO_GROUPS,
    'a mention': NO_GROUPS,
    'a reply to the bot counts as a mention': NO_GROUPS,
    'other bots are told from people, and the own words are not heard': NO_GROUPS,
    'a reaction of a person': NO_BUTTONS,
    'a reaction is put under the message': NO_BUTTONS,
    'a click gives the value of the button': NO_BUTTONS,
    'an edit changes the message': 'a mail that was sent cannot be changed',
    'markup that the platform refuses is said plainly':
      'a mail has its text beside the HTML, which nobody refuses',
    'typing is shown': 'mail programs show no typing',
    'what could not be read is taken in anew once it can be': 'its id is kept: the mail is asked for again',
    'a message in the history that cannot be read keeps out none of the others': NO_HISTORY,
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'what strangers wrote while the host was away is not parsed, and comes in its order': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
    'a broken connection comes back by itself, with what was missed': 'no connection is held: Resend calls',
  },
};
