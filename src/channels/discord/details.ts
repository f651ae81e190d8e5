import type { Client } from 'discord.js';
import type { MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { type DiscordMessage, isReply, messageSchema } from './packets.js';
import type { Places } from './places.js';

/** What the Chat SDK's message leaves out: names, the answered message, and the text with its Markdown. */
export async function detailsOf(
  entry: ThreadMessage,
  deps: { client: Client; places: Places; botUserId: string },
): Promise<MessageDetails> {
  const raw = messageSchema.parse(entry.message.raw);
  const [, guildId = '', channelId = ''] = entry.threadId.split(':');
  const name = (await deps.places.of(channelId).catch(() => null))?.name;
  const senderName = raw.member?.nick || raw.author.global_name || raw.author.username;
  return {
    text: readable(raw),
    ...calledAs(raw, deps.botUserId),
    mentioned: isMentioned(raw, deps.botUserId, botRole(deps.client, guildId, deps.botUserId)),
    replyTo: (isReply(raw) && raw.message_reference?.message_id) || null,
    ...(senderName ? { senderName } : {}),
    ...(name ? { chatName: name } : {}),
  };
}

/** The role that Discord made for this bot: people pick it in the list as easily as the bot itself. */
function botRole(client: Client, guildId: string, botUserId: string): string | null {
  return client.guilds.cache.get(guildId)?.roles.botRoleFor(botUserId)?.id ?? null;
}

function isMentioned(raw: DiscordMessage, botUserId: string, roleId: string | null): boolean {
  return (
    raw.mentions.some((user) => user.id === botUserId) ||
    (roleId !== null && raw.mention_roles.includes(roleId)) ||
    (isReply(raw) && raw.referenced_message?.author.id === botUserId)
  );
}

function calledAs(raw: DiscordMessage, botUserId: string): Pick<MessageDetails, 'calledAs'> {
  const bot = /^\s*<@!?(\d+)>/.exec(raw.content)?.[1] === botUserId && nameIn(raw, botUserId);
  return bot ? { calledAs: `@${bot}` } : {};
}

const nameIn = ({ mentions }: DiscordMessage, id: string) => {
  const user = mentions.find((one) => one.id === id);
  return user && (user.global_name || user.username);
};

/** The text, with names in the place of Discord's ids, and what was forwarded with it. */
function readable(raw: DiscordMessage): string {
  return [raw.content, ...raw.message_snapshots.map((snapshot) => snapshot.message.content)]
    .filter((text) => text !== '')
    .join('\n\n')
    .replace(/<@!?(\d+)>/g, (token, id: string) => (nameIn(raw, id) ? `@${nameIn(raw, id)}` : token))
    .replace(/<a?:(\w+):\d+>/g, ':$1:');
}
