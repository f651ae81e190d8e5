import { type Channel, type Client, DiscordAPIError } from 'discord.js';

/** Where a Discord channel stands: the chat that it is or belongs to, and the thread that it is. */
export interface Place {
  /** `discord:<guild or @me>:<channel>`. */
  platformId: string;
  /** The Chat SDK's id: the platform id, and `:<thread>` behind it. */
  threadId: string;
  /** The chat's name; empty for a direct message. */
  name: string;
  isGroup: boolean;
}

export interface Places {
  /** Null where the bot cannot see it. Rejects when Discord cannot be asked. */
  of(channelId: string): Promise<Place | null>;
}

/** Places of channels, from what the gateway told or else from Discord's API. */
export function createPlaces(client: Client): Places {
  return {
    async of(channelId) {
      try {
        const channel = client.channels.cache.get(channelId) ?? (await client.channels.fetch(channelId));
        return channel ? placeOf(channel) : null;
      } catch (error) {
        if (error instanceof DiscordAPIError && (error.status === 403 || error.status === 404)) return null;
        throw error;
      }
    },
  };
}

async function placeOf(channel: Channel): Promise<Place> {
  if (channel.isDMBased()) {
    const platformId = `discord:@me:${channel.id}`;
    return { platformId, threadId: platformId, name: '', isGroup: false };
  }
  if (channel.isThread() && channel.parentId) {
    const parent = channel.parent ?? (await channel.client.channels.fetch(channel.parentId));
    const platformId = `discord:${channel.guildId}:${channel.parentId}`;
    const name = parent && 'name' in parent && parent.name ? `#${parent.name}` : '';
    return { platformId, threadId: `${platformId}:${channel.id}`, name, isGroup: true };
  }
  const platformId = `discord:${channel.guildId}:${channel.id}`;
  return { platformId, threadId: platformId, name: `#${channel.name}`, isGroup: true };
}
