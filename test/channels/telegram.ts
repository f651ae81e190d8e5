import { applyTelegramEntities } from '@chat-adapter/telegram';
import type { Address } from '../../src/address.js';
import { telegram } from '../../src/channels/telegram.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { createFakeTelegram, type FakeMessage, type FakeTelegram, type FakeUser } from '../fakes/telegram.js';
import { noWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER, type Stage, sha256 } from './contract/stage.js';
import type { ChannelFixture } from './contract.js';
import { telegramWords } from './telegram/words.js';

const SENDING = /^send(?:Message|Document|MediaGroup)$/;
const refusal = (status: number, description: string, parameters = {}): Fault => ({
  kind: 'answer',
  status,
  body: { ok: false, error_code: status, description, parameters },
});

const FAULTS: Record<FaultName, Fault> = {
  'rate-limited': refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
  outage: refusal(500, 'Internal Server Error: restart'),
  refused: refusal(403, 'Forbidden: bot was kicked from the supergroup chat'),
  'markup-refused': refusal(400, "Bad Request: can't parse entities: unexpected end tag"),
  ...NO_ANSWER,
};

const robot: FakeUser = { id: 7_000_000_999, is_bot: true, first_name: 'Robot', username: 'robot_bot' };

export interface TelegramStage extends Stage, Adapters {
  fake: FakeTelegram;
}

/** Telegram's adapter with the real package beneath it, against the fake. */
export async function openTelegram(): Promise<TelegramStage> {
  const clock = createFakeClock();
  const fake = await createFakeTelegram(clock.now);
  const { world } = fake;
  const validToken = fake.token;
  const adapters = createAdapters(telegram, {
    clock,
    webhooks: noWebhooks,
    env: () => ({ TELEGRAM_BOT_TOKEN: validToken, TELEGRAM_API_URL: fake.http.origin() }),
  });
  const chatOf = (to: Address) => {
    const chat = world.chats.get(Number(to.platformId.split(':')[1]));
    if (!chat) throw new Error(`no chat ${to.platformId}`);
    return chat;
  };
  const topicOf = (to: Address) => (to.threadId === '' ? undefined : Number(to.threadId));
  const messageOf = (id: string): FakeMessage => {
    const found = world.messages.find((message) => idOf(message) === id);
    if (!found) throw new Error(`no message ${id}`);
    return found;
  };
  const group = { channelType: 'telegram', platformId: `telegram:${world.family.id}`, threadId: '' };
  return {
    ...adapters,
    fake,
    longestSaid: 4096,
    group,
    direct: { channelType: 'telegram', platformId: `telegram:${world.ada.id}`, threadId: '' },
    thread: () => ({ ...group, threadId: String(fake.topic()) }),
    say(to, text, { fromBot, replyTo, mention, files, garbled } = {}) {
      const topic = topicOf(to);
      const message = fake.say(chatOf(to), text, {
        ...(topic === undefined ? {} : { topic }),
        ...(fromBot ? { from: robot } : {}),
        ...(replyTo ? { replyTo: messageOf(replyTo) } : {}),
        ...(mention ? { mention } : {}),
        ...(files ? { files } : {}),
        ...(garbled ? { garbled } : {}),
      });
      return idOf(message);
    },
    calls: () => callsOf(fake.http),
    opensLinks: ({ name, fields }) =>
      /^(?:sendMessage|editMessageText)$/.test(name) &&
      !JSON.stringify(fields).includes('"link_preview_options":{"is_disabled":true}'),
    heard: (to) => fake.said(chatOf(to), topicOf(to)).map((message) => heardOf(fake, message)),
    react: (_, messageId, emoji) => fake.react(messageOf(messageId), world.ada, emoji),
    click: (_, messageId, label) => void fake.click(messageOf(messageId), world.ada, label),
    words: telegramWords(fake),
    fault: (name) => fake.http.faults.next(SENDING, FAULTS[name]),
    typing: () => fake.called('sendChatAction'),
    breakConnection() {
      if (fake.updates.asked) fake.http.cut();
      else fake.http.faults.next(/^getUpdates$/, { kind: 'cut', done: false });
    },
    revokeToken: () => {
      fake.token = '7000000001:another-token-00000000000000000000';
    },
    restoreToken: () => {
      fake.token = validToken;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.http.close();
      adapters.removeState();
    },
  };
}

const idOf = (message: FakeMessage) => `${message.chat.id}:${message.message_id}`;

function heardOf({ world }: FakeTelegram, message: FakeMessage): Heard {
  const { text = message.caption ?? '', document, reply_to_message: answered } = message;
  const entities = message.entities ?? message.caption_entities ?? [];
  return {
    id: idOf(message),
    text: applyTelegramEntities(text, entities),
    files: document
      ? [{ name: document.file_name, sha256: sha256(world.files.get(document.file_id) ?? '') }]
      : [],
    replyTo: answered ? idOf(answered) : null,
    reactions: world.reactions.get(idOf(message)) ?? [],
    buttons: (message.reply_markup?.inline_keyboard ?? []).flat().map((button) => button.text),
  };
}

const NO_IDS = 'words come as people see them: what stands for something is told beside them, as an entity';
const NO_HISTORY = 'a bot has no history: Telegram keeps what was missed for a day, and gives it again';

export const telegramFixture: ChannelFixture = {
  channelType: 'telegram',
  open: openTelegram,
  cannot: {
    'the same event twice has the same id, so that it is one message':
      'an update has a number, and comes again only until it is confirmed',
    'events out of order are taken in, each with its own id and time':
      'updates are numbered, and come in that order',
    'a message in the history that cannot be read keeps out none of the others': NO_HISTORY,
    'what was said while the host was away is read once, in order, before what comes now': NO_HISTORY,
    'what strangers wrote while the host was away is not parsed, and comes in its order': NO_HISTORY,
    'history and a chat can be asked for': NO_HISTORY,
    'a deletion names the message': 'Telegram tells bots of no deletion, except in the chats of a business',
    'ids in words are names': NO_IDS,
  },
};
