import type { Address } from '../../src/address.js';
import { slack } from '../../src/channels/slack.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { buttonsOf, createFakeSlack, type FakeMessage, type FakeSlack } from '../fakes/slack.js';
import { openWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { callsOf, type FaultName, type Heard, NO_ANSWER, sha256 } from './contract/stage.js';
import type { WebhookStage } from './contract/webhook.js';
import type { ChannelFixture } from './contract.js';
import { slackWords } from './slack/words.js';

const SENDING = /^(?:chat\.postMessage|files\.completeUploadExternal)$/;
const refusal = (error: string): Fault => ({ kind: 'answer', status: 200, body: { ok: false, error } });

const FAULTS: Record<FaultName, Fault> = {
  'rate-limited': {
    kind: 'answer',
    status: 429,
    body: { ok: false, error: 'ratelimited' },
    headers: { 'retry-after': '7' },
  },
  outage: { kind: 'answer', status: 503, body: { ok: false, error: 'service_unavailable' } },
  refused: refusal('not_in_channel'),
  'markup-refused': refusal('invalid_blocks'),
  ...NO_ANSWER,
};

const EMOJI: Readonly<Record<string, string>> = { '+1': '👍', eyes: '👀' };

export interface SlackStage extends WebhookStage, Adapters {
  fake: FakeSlack;
}

/** Slack's adapter with the real packages beneath it, against the fake. */
export async function openSlack(transport: 'socket' | 'webhook' = 'socket'): Promise<SlackStage> {
  const clock = createFakeClock();
  const webhooks = openWebhooks();
  const fake = await createFakeSlack(
    clock,
    transport === 'webhook' ? () => webhooks.url('slack') : undefined,
  );
  const { world } = fake;
  const { botToken, appToken } = fake;
  const adapters = createAdapters(slack, {
    clock,
    webhooks,
    env: () => ({
      SLACK_BOT_TOKEN: botToken,
      ...(transport === 'webhook'
        ? { SLACK_SIGNING_SECRET: fake.webhook.secret }
        : { SLACK_APP_TOKEN: appToken }),
      SLACK_API_URL: fake.apiUrl,
    }),
  });
  const channelOf = (to: Address) => to.platformId.split(':')[1] ?? '';
  const messageOf = (ts: string): FakeMessage => {
    const found = world.messages.find((message) => message.ts === ts);
    if (!found) throw new Error(`no message ${ts}`);
    return found;
  };
  const group = { channelType: 'slack', platformId: `slack:${world.general}`, threadId: '' };
  return {
    ...adapters,
    fake,
    webhooks,
    posting(to, text) {
      const message = fake.say(channelOf(to), text, { unheard: true });
      return fake.webhook.posting('events_api', fake.eventOf(message));
    },
    // docs.slack.dev/changelog/2018-truncating-really-long-messages
    longestSaid: 40_000,
    group,
    direct: { channelType: 'slack', platformId: `slack:${world.direct}`, threadId: '' },
    thread() {
      const { id: user, bot_id } = world.bot;
      return { ...group, threadId: world.add({ channel: world.general, user, bot_id, text: 'A thread' }).ts };
    },
    say(to, text, { fromBot, replyTo, ...options } = {}) {
      const thread = replyTo ?? to.threadId;
      return fake.say(channelOf(to), text, {
        ...options,
        ...(fromBot ? { from: world.robot } : {}),
        ...(thread ? { thread } : {}),
      }).ts;
    },
    calls: () => callsOf(fake.http),
    opensLinks({ name, fields }) {
      const told = JSON.stringify(fields);
      if (name === 'files.completeUploadExternal') return told.includes('https://e.example');
      if (name !== 'chat.postMessage' && name !== 'chat.update') return false;
      return !/"unfurl_links":"?false/.test(told) || !/"unfurl_media":"?false/.test(told);
    },
    heard: (to) =>
      fake.said(channelOf(to), to.threadId || undefined).map((message) => heardOf(fake, message)),
    react(_, messageId, emoji) {
      const name = Object.entries(EMOJI).find(([, shown]) => shown === emoji)?.[0] ?? '';
      fake.react(messageOf(messageId), world.ada, name);
    },
    click: (_, messageId, label) => void fake.click(messageOf(messageId), world.ada, label),
    words: slackWords(fake),
    fault: (name) => fake.http.faults.next(SENDING, FAULTS[name]),
    typing: () => 0,
    breakConnection: ({ resumable }) => fake.socket.disconnect({ forget: !resumable }),
    revokeToken: () => {
      fake.botToken = 'xoxb-another-token';
    },
    restoreToken: () => {
      fake.botToken = botToken;
    },
    goDown: () => fake.http.goDown(),
    comeUp: () => fake.http.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

function heardOf({ world }: FakeSlack, message: FakeMessage): Heard {
  return {
    id: message.ts,
    text: message.markdown ?? message.text,
    files: (message.files ?? []).map(({ id, name }) => ({ name, sha256: sha256(world.files.get(id) ?? '') })),
    replyTo: message.thread_ts ?? null,
    reactions: (world.reactions.get(message.ts) ?? []).map((name) => EMOJI[name] ?? name),
    buttons: buttonsOf(message).map((button) => button.text.text),
  };
}

const CANNOT: ChannelFixture['cannot'] = {
  'a marked part of a message comes as a part': 'a message is shared whole',
  'a sticker is named': 'there are none: emoji are words, and pictures are files',
  'a poll is told with its question and options': 'there are none, but messages of apps with buttons',
  'a place is told with its name and coordinates': 'nobody can send a place',
  'a contact is told with name and number': 'nobody can send a contact',
  'a command for another bot is for nobody': 'a command goes to the app that it belongs to, and to no other',
  'an anonymous admin is the chat, and no bot': 'each message has an author',
  'a reply names what it answers': 'there are threads and no replies: an answer stays where it was asked',
  'typing is shown': 'the Web API has no typing',
};

export const slackFixture: ChannelFixture = {
  channelType: 'slack',
  open: () => openSlack('socket'),
  cannot: {
    ...CANNOT,
    'events out of order are taken in, each with its own id and time': 'its socket keeps the order',
  },
};

export const slackWebhookFixture: ChannelFixture = {
  channelType: 'slack (webhook)',
  open: () => openSlack('webhook'),
  cannot: {
    ...CANNOT,
    'a broken connection comes back by itself, with what was missed':
      'Slack calls: there is no connection of ours that could break',
  },
};
