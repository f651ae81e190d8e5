import type { Client } from 'discord.js';
import type { MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { type Names, namesFor, whereNamed } from './names.js';
import { messageSchema } from './packets.js';
import type { Places } from './places.js';
import { answeredOf, attachmentOf, authorOf, forwardedOf, quotedOf, rootOf, titleOf } from './pointed.js';
import type { DiscordRest } from './rest.js';
import { isForward, isReply, isSaid, type Said, type SaidMessage, saidSchema } from './said.js';
import { componentsOf, placeholderOf, wordsOf } from './words.js';

export interface DetailsDeps {
  client: Client;
  places: Places;
  rest: DiscordRest;
  botUserId: string;
}

/** What the Chat SDK's message leaves out: names, what is answered or passed on, and the text with its Markdown. */
export async function detailsOf(entry: ThreadMessage, deps: DetailsDeps): Promise<MessageDetails> {
  const raw = messageSchema.parse(entry.message.raw);
  const said = saidSchema.parse(entry.message.raw);
  const [, guildId = '', channelId = '', thread = ''] = entry.threadId.split(':');
  const name = (await deps.places.of(channelId).catch(() => null))?.name;
  const place = name ? { chatName: name } : {};
  if (!isSaid(said)) return { ...place, service: true };
  const names = namesFor(said, deps.client, guildId);
  const senderName = raw.member?.nick || authorOf(said);
  const { message: answered, problem } = await answeredOf(said, raw.channel_id, deps);
  const begins = thread !== '' && thread === raw.id;
  const text = [begins ? titleOf(thread, deps.client) : '', wordsOf(said, names)]
    .filter(Boolean)
    .join('\n\n');
  const isEmpty = text === '' && said.attachments.length === 0;
  return {
    ...place,
    text,
    ...(isEmpty ? { placeholder: placeholderOf(said) } : {}),
    ...calledAs(said, names, deps.botUserId),
    mentioned: isMentioned(said, answered, botRole(deps.client, guildId, deps.botUserId), deps.botUserId),
    replyTo: (isReply(said) && said.message_reference?.message_id) || null,
    ...(senderName ? { senderName } : {}),
    ...(answered ? { quoted: quotedOf(answered, namesFor(answered, deps.client, guildId)) } : {}),
    ...(isForward(said) ? { forwarded: forwardedOf(said, deps.client) } : {}),
    files: componentsOf(said).files.map(attachmentOf),
    ...(thread !== '' && !begins ? { root: () => rootOf({ guildId, channelId, thread }, deps) } : {}),
    ...(problem ? { problems: [problem] } : {}),
  };
}

/** The role that Discord made for this bot: people pick it in the list as easily as the bot itself. */
function botRole(client: Client, guildId: string, botUserId: string): string | null {
  return client.guilds.cache.get(guildId)?.roles.botRoleFor(botUserId)?.id ?? null;
}

/** What stands in code calls nobody, whatever lists the packet has. To answer the bot is to call it. */
function isMentioned(
  { content, mentions, mention_roles }: SaidMessage,
  answered: SaidMessage | undefined,
  roleId: string | null,
  botUserId: string,
): boolean {
  const seen = (token: RegExp) => whereNamed(content, token) !== 'in-code';
  return (
    answered?.author?.id === botUserId ||
    (mentions.some((user) => user.id === botUserId) && seen(new RegExp(`<@!?${botUserId}>`))) ||
    (roleId !== null && mention_roles.includes(roleId) && seen(new RegExp(`<@&${roleId}>`)))
  );
}

function calledAs({ content }: Said, names: Names, botUserId: string): Pick<MessageDetails, 'calledAs'> {
  const bot = /^\s*<@!?(\d{1,20})>/.exec(content)?.[1] === botUserId && names.user(botUserId);
  return bot ? { calledAs: `@${bot}` } : {};
}
