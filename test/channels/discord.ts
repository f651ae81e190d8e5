import type { Address } from '../../src/address.js';
import { discord } from '../../src/channels/discord.js';
import { createFakeClock } from '../fakes/clock.js';
import type { Fault } from '../fakes/discord/faults.js';
import { createFakeDiscord, type FakeDiscord, type FakeMessage } from '../fakes/discord.js';
import { noWebhooks } from '../fakes/webhooks.js';
import { type Adapters, createAdapters } from './contract/adapters.js';
import { type FaultName, type Heard, NO_ANSWER, type Stage, sha256 } from './contract/stage.js';
import type { ChannelFixture } from './contract.js';
import { discordWords, robot } from './discord/words.js';

const SENDING = /^POST \/channels\/\d+\/messages$/;

const FAULTS: Record<Exclude<FaultName, 'markup-refused'>, Fault> = {
  'rate-limited': {
    kind: 'answer',
    status: 429,
    body: { message: 'slow down', retry_after: 7, global: false },
  },
  outage: { kind: 'answer', status: 503, body: { message: 'Service Unavailable' } },
  refused: { kind: 'answer', status: 403, body: { code: 50013, message: 'Missing Permissions' } },
  ...NO_ANSWER,
};

export interface DiscordStage extends Stage, Adapters {
  fake: FakeDiscord;
}

/** Discord's adapter with the real packages beneath it, against the fake. */
export async function openDiscord(): Promise<DiscordStage> {
  const clock = createFakeClock();
  const fake = await createFakeDiscord(clock.now);
  const { world } = fake;
  const validToken = fake.token;
  const adapters = createAdapters(discord, {
    clock,
    webhooks: noWebhooks,
    env: () => ({ DISCORD_BOT_TOKEN: validToken, DISCORD_API_URL: fake.apiUrl }),
  });
  const channelOf = (to: Address) => {
    const id = to.threadId || to.platformId.split(':')[2] || '';
    const channel = world.channels.get(id);
    if (!channel) throw new Error(`no channel ${id}`);
    return channel;
  };
  const messageOf = (id: string): FakeMessage => {
    const found = world.messages.find((message) => message.id === id);
    if (!found) throw new Error(`no message ${id}`);
    return found;
  };
  const group = {
    channelType: 'discord',
    platformId: `discord:${world.guildId}:${world.general.id}`,
    threadId: '',
  };
  return {
    ...adapters,
    fake,
    // With Nitro; 2000 without.
    longestSaid: 4000,
    group,
    direct: { channelType: 'discord', platformId: `discord:@me:${world.direct.id}`, threadId: '' },
    thread: () => ({ ...group, threadId: fake.thread(world.general, 'aside').id }),
    say: (to, text, { fromBot, replyTo, ...options } = {}) =>
      fake.say(channelOf(to), text, {
        ...options,
        ...(fromBot ? { from: robot } : {}),
        ...(replyTo ? { replyTo: messageOf(replyTo) } : {}),
      }).id,
    calls: () =>
      fake.requests
        .filter((name) => !name.startsWith('GET '))
        .map((name, index) => ({ name, fields: fake.bodies[index] })),
    opensLinks: ({ name, fields }) =>
      /^(?:POST|PATCH) \/channels\/\d+\/messages(?:\/\d+)?$/.test(name) &&
      /"content":"[^"]/.test(JSON.stringify(fields)) &&
      !JSON.stringify(fields).includes('"flags":4'),
    heard: (to) => fake.said(channelOf(to).id).map((message) => heardOf(fake, message)),
    react: (_, messageId, emoji) => fake.react(messageOf(messageId), world.ada, emoji),
    click: (_, messageId, label) => void fake.click(messageOf(messageId), world.ada, label),
    words: discordWords(fake),
    fault(name) {
      if (name === 'markup-refused') throw new Error('Discord refuses no markup');
      fake.faults.next(SENDING, FAULTS[name]);
    },
    typing: () => fake.requests.filter((request) => request.endsWith('/typing')).length,
    breakConnection: ({ resumable }) => fake.gateway.disconnect({ forget: !resumable }),
    revokeToken: () => {
      fake.token = 'another-token';
    },
    restoreToken: () => {
      fake.token = validToken;
    },
    goDown: () => fake.goDown(),
    comeUp: () => fake.comeUp(),
    async close() {
      await fake.close();
      adapters.removeState();
    },
  };
}

function heardOf({ world }: FakeDiscord, message: FakeMessage): Heard {
  const labels = [...JSON.stringify(message.components).matchAll(/"label":"([^"]*)"/g)];
  return {
    id: message.id,
    text: message.content,
    files: message.attachments.map(({ id, filename }) => ({
      name: filename,
      sha256: sha256(world.files.get(id)?.data ?? ''),
    })),
    replyTo: message.message_reference?.message_id ?? null,
    reactions: message.reacted,
    buttons: labels.map((match) => match[1] ?? ''),
  };
}

export const discordFixture: ChannelFixture = {
  channelType: 'discord',
  open: openDiscord,
  cannot: {
    'a marked part of a message comes as a part': 'a reply answers a whole message',
    'a place is told with its name and coordinates': 'nobody can send a place',
    'a contact is told with name and number': 'nobody can send a contact',
    'the answer to a form is its words': 'a form opens only as an answer of the app, which opens none',
    'a chat that moves is told with both ids': 'the id of a channel never changes',
    'a command for another bot is for nobody':
      'a command goes to the app that it belongs to, and to no other',
    'an anonymous admin is the chat, and no bot': 'each message has an author',
    'events out of order are taken in, each with its own id and time':
      'its gateway numbers events, and sends them in that order',
    'markup that the platform refuses is said plainly':
      'Discord shows what it does not understand as it stands',
  },
};
