import { z } from 'zod';
import type { MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedSlackAdapter } from './adapter.js';
import { attachmentOf, isHandedOver, lookUpFiles } from './files.js';
import { type NameSource, readable } from './names.js';
import { isSaid, messageSchema, type SlackMessage, threadOf } from './packets.js';
import type { SlackRest } from './rest.js';
import { filesIn, type SlackAttachment, sharedIn, wordsOf, wordsOfShared } from './words.js';

const rootSchema = z.object({ messages: z.array(z.unknown()).default([]) });

export interface DetailsDeps {
  adapter: BridgedSlackAdapter;
  rest: SlackRest;
  self: { userId: string; botId: string | null; name: string };
}

/** What the Chat SDK's message leaves out: names, words in blocks, what is shared, and whose thread it is. */
export async function detailsOf({ message }: ThreadMessage, deps: DetailsDeps): Promise<MessageDetails> {
  const { adapter } = deps;
  const raw = messageSchema.parse(message.raw);
  const channel = raw.channel ?? '';
  const newName = adapter.newNameOf(channel);
  const place = newName ? { chatName: `#${newName}` } : {};
  if (!isSaid(raw)) return { ...place, service: true };
  const names = namesOf(adapter);
  const senderName = await authorOf(raw, deps);
  const thread = threadOf(raw);
  const said = wordsOf(raw);
  const text = await readable(said, names);
  const [called, id] = /^\s*<@(\w+)(?:\|[^>]*)?>/.exec(said) ?? [];
  const shared = sharedIn(raw);
  // Whoever says nothing to it passes it on; who asks about it points at it.
  const isForward = text.trim() === '' && shared.length > 0;
  const { files, problems } = await lookUpFiles(deps.rest, filesIn(raw));
  const handed = shared.flatMap((one) => one.files.filter(isHandedOver).map(attachmentOf));
  return {
    ...place,
    text,
    ...(called && id === adapter.botUserId ? { calledAs: (await readable(called, names)).trim() } : {}),
    ...(senderName ? { senderName } : {}),
    // To go on in a thread that the bot began is to answer it.
    mentioned: message.isMention === true || (thread !== '' && raw.parent_user_id === adapter.botUserId),
    replyTo: thread || null,
    ...(isForward ? { forwarded: await forwardedOf(shared, names) } : {}),
    ...(shared.length > 0 && !isForward
      ? { quoted: { ...(await quotedOf(shared, channel, names)), files: handed } }
      : {}),
    files: isForward ? [...files, ...handed] : files,
    ...(thread ? { root: () => rootOf(channel, thread, deps) } : {}),
    ...(problems.length > 0 ? { problems } : {}),
  };
}

const namesOf = (adapter: BridgedSlackAdapter): NameSource => ({
  person: async (id) => (await adapter.personOf(id))?.name ?? null,
  channel: (id) => adapter.channelOf(id),
});

async function authorOf(raw: SlackMessage, { adapter, self }: DetailsDeps): Promise<string> {
  const told = raw.username ?? raw.bot_profile?.name;
  const person = raw.user && !raw.username ? await adapter.personOf(raw.user) : null;
  return person?.name ?? told ?? (raw.user === self.userId ? self.name : '');
}

const NOT_HANDED_OVER = '[a shared message that Slack did not hand over]';

async function sharedText(shared: readonly SlackAttachment[], names: NameSource): Promise<string> {
  const words = shared.map((one) => wordsOfShared(one) || (one.files.length > 0 ? '' : NOT_HANDED_OVER));
  return readable(words.filter(Boolean).join('\n\n'), names);
}

async function writerOf([first]: readonly SlackAttachment[], names: NameSource): Promise<string> {
  if (!first) return '';
  return first.author_name || (first.author_id && (await names.person(first.author_id))) || '';
}

async function forwardedOf(shared: readonly SlackAttachment[], names: NameSource) {
  const at = Number(shared[0]?.ts) * 1000;
  return {
    text: await sharedText(shared, names),
    from: await writerOf(shared, names),
    at: Number.isFinite(at) ? Math.round(at) : null,
  };
}

async function quotedOf(shared: readonly SlackAttachment[], channel: string, names: NameSource) {
  const [first] = shared;
  const isHere = shared.length === 1 && first?.channel_id === channel;
  return {
    text: await sharedText(shared, names),
    from: await writerOf(shared, names),
    messageId: (isHere && first?.ts) || null,
    partial: false,
  };
}

/** The first message of a thread, whoever wrote it (docs.slack.dev/reference/methods/conversations.replies). */
async function rootOf(
  channel: string,
  thread: string,
  deps: DetailsDeps,
): ReturnType<NonNullable<MessageDetails['root']>> {
  const { messages } = await deps.rest.call('conversations.replies', rootSchema, {
    ...{ channel, ts: thread, limit: 1 },
  });
  const raw = messageSchema.safeParse(messages[0]).data;
  if (raw?.ts !== thread) return null;
  const names = namesOf(deps.adapter);
  const shared = sharedIn(raw);
  const words = [
    await readable(wordsOf(raw), names),
    shared.length > 0 ? await sharedText(shared, names) : '',
  ];
  const files = [...filesIn(raw), ...shared.flatMap((one) => one.files)]
    .filter(isHandedOver)
    .map(attachmentOf);
  const text = words.filter((part) => part.trim() !== '').join('\n\n');
  const instead = files.length > 0 ? '' : '[a message of a kind that cannot be shown here]';
  return { text: text || instead, from: await authorOf(raw, deps), messageId: thread, files };
}
