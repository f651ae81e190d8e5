import { createFakeDiscord, type FakeChannel, type FakeDiscord } from '../../fakes/discord.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import type { Platform, PlatformChat } from './types.js';

export interface DiscordPlatform extends Platform {
  fake: FakeDiscord;
}

/** A Discord of so many channels. `now`: its clock, where it is not this machine's. */
export async function createDiscordPlatform(chats = 2, now?: () => number): Promise<DiscordPlatform> {
  const fake = await createFakeDiscord(now);
  const channels = Array.from({ length: chats }, (_, index) => channelOf(fake, index));
  return {
    fake,
    channelType: 'discord',
    env: { DISCORD_BOT_TOKEN: fake.token, DISCORD_API_URL: fake.apiUrl },
    chats: channels.map((channel) => chatOf(fake, channel)),
    connections: () => fake.gateway.identified,
    thread: (name) => discordPlace(fake, fake.thread(fake.world.general, name)),
    close: () => fake.close(),
  };
}

function channelOf({ world }: FakeDiscord, index: number): FakeChannel {
  if (index === 0) return world.general;
  const channel: FakeChannel = {
    id: world.nextId(),
    type: 0,
    name: `chat-${index}`,
    guild_id: world.guildId,
  };
  world.channels.set(channel.id, channel);
  return channel;
}

function chatOf(fake: FakeDiscord, channel: FakeChannel): PlatformChat {
  const { id, guild_id, name = '' } = channel;
  return { platformId: `discord:${guild_id}:${id}`, name, isGroup: true, place: discordPlace(fake, channel) };
}

const discordPlace = (fake: FakeDiscord, channel: FakeChannel): Place =>
  placeOf({
    say: (text) => void fake.say(channel, text),
    said: () => fake.said(channel.id).map((message) => message.content),
  });
