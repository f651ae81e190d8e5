import type { Attachment } from 'chat';
import type { Client } from 'discord.js';
import { ChannelError } from '../adapter.js';
import type { MessageDetails } from '../chat-sdk/platform.js';
import { type Names, namesFor } from './names.js';
import type { DiscordRest } from './rest.js';
import { type Handed, isReply, type Said, type SaidMessage, saidSchema } from './said.js';
import { componentsOf, placeholderOf, wordsOf } from './words.js';

export interface PointedDeps {
  client: Client;
  rest: DiscordRest;
}

/** The message that a person answers, or why it is not there. */
export interface Answered {
  message?: SaidMessage;
  problem?: string;
}

export async function answeredOf(
  { referenced_message, message_reference, ...said }: SaidMessage,
  channelId: string,
  { rest }: PointedDeps,
): Promise<Answered> {
  if (!isReply(said)) return {};
  if (referenced_message) return { message: saidSchema.parse(referenced_message) };
  const gone = { problem: 'The message that this answers is gone.' };
  if (referenced_message === null) return gone;
  // "The backend did not attempt to fetch the message": one call.
  const id = message_reference?.message_id ?? '';
  if (!/^\d+$/.test(id)) return {};
  try {
    return { message: await rest.read(`/channels/${channelId}/messages/${id}`, saidSchema) };
  } catch (error) {
    if (error instanceof ChannelError && error.code === 'discord-unknown-message') return gone;
    return { problem: 'The message that this answers could not be fetched.' };
  }
}

export function quotedOf(answered: SaidMessage, names: Names): NonNullable<MessageDetails['quoted']> {
  const passedOn = answered.message_snapshots.map(({ message }) => message);
  const files = [answered, ...passedOn].flatMap((one) => [...one.attachments, ...componentsOf(one).files]);
  const words = [answered, ...passedOn].map((one) => wordsOf(one, names)).filter(Boolean);
  return {
    text: words.join('\n\n') || (files.length > 0 ? '' : placeholderOf(answered)),
    from: authorOf(answered),
    messageId: answered.id ?? null,
    partial: false,
    files: files.map(attachmentOf),
  };
}

/** A snapshot has no author (docs.discord.com/developers/resources/message#message-snapshot-object): only where it stood. */
export function forwardedOf(
  { message_reference, message_snapshots }: SaidMessage,
  client: Client,
): NonNullable<MessageDetails['forwarded']> {
  const { guild_id = '', channel_id = '' } = message_reference ?? {};
  const words = message_snapshots.map(({ message }) => {
    const text = wordsOf(message, namesFor(message, client, guild_id));
    return text || (message.attachments.length > 0 ? '' : placeholderOf(message));
  });
  const at = Date.parse(message_snapshots[0]?.message.timestamp ?? '');
  return {
    text: words.length > 0 ? words.join('\n\n') : '[a forwarded message that Discord did not hand over]',
    from: nameOf(client, channel_id),
    at: Number.isNaN(at) ? null : at,
  };
}

function nameOf(client: Client, channelId: string): string {
  const channel = client.channels.cache.get(channelId);
  return channel && 'name' in channel && channel.name ? `#${channel.name}` : '';
}

/** The post that a forum's thread began with is told without its title, which only its thread has. */
export function titleOf(thread: string, client: Client): string {
  const channel = client.channels.cache.get(thread);
  return channel?.isThread() && channel.parent?.isThreadOnly() ? `**${channel.name}**` : '';
}

export const authorOf = ({ author }: Said): string => author?.global_name || author?.username || '';

export function attachmentOf({ filename, content_type, size, url }: Handed): Attachment {
  return {
    type: 'file',
    url,
    name: filename || 'file',
    ...(content_type ? { mimeType: content_type } : {}),
    ...(size === undefined ? {} : { size }),
  };
}

/** Where a thread began. */
export interface Thread {
  guildId: string;
  channelId: string;
  thread: string;
}

/**
 * The message that a thread began with has the thread's id, and stands in the channel above
 * (docs.discord.com/developers/topics/threads); in a forum it is the thread's own first. A thread may have none.
 */
export async function rootOf(
  { guildId, channelId, thread }: Thread,
  { client, rest }: PointedDeps,
): ReturnType<NonNullable<MessageDetails['root']>> {
  const read = (channel: string) =>
    rest.read(`/channels/${channel}/messages/${thread}`, saidSchema).catch((error: unknown) => {
      if (error instanceof ChannelError && error.errorClass === 'permanent') return null;
      throw error;
    });
  const title = titleOf(thread, client);
  const places = title ? [thread, channelId] : [channelId, thread];
  for (const place of places) {
    const found = await read(place);
    if (!found) continue;
    const { text, from, files } = quotedOf(found, namesFor(found, client, guildId));
    return { text: [title, text].filter(Boolean).join('\n\n'), from, messageId: thread, files: files ?? [] };
  }
  const name = nameOf(client, thread).replace(/^#/, '');
  return name ? { text: `[thread: ${name}]`, from: '', messageId: null, files: [] } : null;
}
