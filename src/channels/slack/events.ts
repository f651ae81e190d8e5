import { type Author, type ChatInstance, defaultEmojiResolver } from 'chat';
import { z } from 'zod';
import { createKeyedQueue } from '../../async/keyed-queue.js';
import type { Clock } from '../../clock.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { Changes, ConnectContext } from '../chat-sdk/platform.js';
import { actionOf, type BridgedSlackAdapter } from './adapter.js';
import {
  changedSchema,
  clickSchema,
  eventSchema,
  isSaid,
  messageSchema,
  movedSchema,
  packetOf,
  reactionSchema,
  renamedSchema,
  renameSchema,
  type SlackChange,
  type SlackDelivery,
  threadIdOf,
  threadOf,
  unreadSchema,
} from './packets.js';
import type { SlackRest } from './rest.js';
import { wordsOf } from './words.js';

export interface DeliveryDeps {
  adapter: BridgedSlackAdapter;
  attempt: Attempt;
  chat: ChatInstance;
  rest: SlackRest;
  self: { userId: string; botId: string | null };
  changes: Changes;
  moved: ConnectContext['moved'];
  clock: Clock;
}

const typeSchema = z.object({ type: z.string() });
const rootSchema = z.object({
  messages: z.array(z.object({ ts: z.string(), thread_ts: z.string().optional() })).default([]),
});
/** How many messages are remembered, so that `message` and `app_mention` of the same one are one event. */
const MOST_RECENT = 500;

/** Each resolves once it is taken in, or is none of our business. */
export interface DeliveryHandler {
  take(delivery: SlackDelivery): Promise<void>;
  retake(message: unknown): Promise<void>;
}

/** Hands what comes from Slack to the Chat SDK. */
export function createDeliveryHandler(deps: DeliveryDeps): DeliveryHandler {
  const { adapter, attempt, chat, rest } = deps;
  const recent = new Map<string, Promise<void>>();
  const queue = createKeyedQueue();

  /** Of one channel they begin in the order in which they came. A change waits for its message, as all behind it do. */
  async function inTurn(
    channel: string,
    begin: () => Promise<void>,
    before: () => Promise<unknown> = async () => {},
  ): Promise<void> {
    const { done } = await queue.run(channel, async () => {
      await before();
      return { done: begin() };
    });
    await done;
  }

  async function retake(event: unknown): Promise<void> {
    const read = await attempt(packetOf(event), () => {
      const said = messageSchema.parse(event);
      return { said, message: adapter.parseMessage(eventSchema.parse(event)) };
    });
    if (!read) return;
    const { said, message } = read.value;
    await chat.handleIncomingMessage(adapter, threadIdOf(said.channel ?? '', threadOf(said)), message);
  }

  /** What is not meant for anybody is handed on, too: the bridge counts it. */
  function onMessage(event: unknown): Promise<void> {
    const { channel, ts } = unreadSchema.parse(event);
    if (!channel) return Promise.resolve();
    const key = `${channel}:${ts ?? ''}`;
    const known = ts === undefined ? undefined : recent.get(key);
    if (known) return known;
    const taken = inTurn(channel, async () => retake(event));
    if (ts === undefined) return taken;
    recent.set(key, taken);
    taken.catch(() => recent.delete(key));
    for (const oldest of recent.keys()) {
      if (recent.size <= MOST_RECENT) break;
      recent.delete(oldest);
    }
    return taken;
  }

  const isOwn = ({ user, bot_id }: { user?: string | undefined; bot_id?: string | undefined }) =>
    user === deps.self.userId || (deps.self.botId !== null && bot_id === deps.self.botId);

  /** An edit is one only where words are other than before: previews and translations are told in the same way. */
  async function onChanged(change: SlackChange): Promise<void> {
    const { channel, channel_type, message: changed, previous_message } = change;
    const event = { ...changed, channel, channel_type };
    const { ts, subtype, user, bot_id } = unreadSchema.parse(event);
    if (ts === undefined || isOwn({ user, bot_id })) return;
    if (subtype === 'tombstone') return onDeleted({ ...change, deleted_ts: ts });
    const version = changed?.edited?.ts;
    if (!version || !isSaid({ subtype })) return;
    if (previous_message && wordsOf(previous_message) === wordsOf(changed)) return;
    const edit = async () => {
      const read = await attempt(packetOf(event), () => {
        const threadId = threadIdOf(channel, threadOf(messageSchema.parse(event)));
        return { threadId, message: adapter.parseMessage(eventSchema.parse(event)) };
      });
      if (read) await deps.changes.edited(read.value, version);
    };
    await inTurn(channel, edit, async () => taken(channel, ts));
  }

  /** Slack does not tell who deleted it. */
  async function onDeleted({
    channel,
    deleted_ts,
    event_ts,
    previous_message = {},
  }: SlackChange): Promise<void> {
    if (deleted_ts === undefined || isOwn(previous_message)) return;
    const { user, bot_id, thread_ts } = previous_message;
    const seconds = Number(event_ts);
    const gone = {
      threadId: threadIdOf(channel, threadOf({ ts: deleted_ts, thread_ts })),
      messageId: deleted_ts,
      userId: user ?? bot_id ?? '',
      userName: '',
      at: Number.isFinite(seconds) ? Math.round(seconds * 1000) : deps.clock.now(),
    };
    await inTurn(
      channel,
      () => deps.changes.deleted(gone),
      async () => {
        await taken(channel, deleted_ts);
        gone.userName = (user && (await adapter.personOf(user))?.name) || '';
      },
    );
  }

  /** What becomes of a message comes behind it. */
  const taken = (channel: string, ts: string) => recent.get(`${channel}:${ts}`)?.catch(() => {});

  async function onRenamed(event: unknown): Promise<void> {
    const { channel } = renameSchema.safeParse(event).data ?? {};
    if (channel) await adapter.rename(channel.id, channel.name);
  }

  function onMoved(event: unknown): void {
    const found = movedSchema.safeParse(event).data;
    if (found) deps.moved(`slack:${found.old_channel_id}`, `slack:${found.new_channel_id}`);
  }

  async function onReaction(event: unknown): Promise<void> {
    const reaction = reactionSchema.safeParse(event).data;
    if (!reaction || reaction.user === adapter.botUserId) return;
    const { channel, ts } = reaction.item;
    const person = await adapter.personOf(reaction.user);
    const emoji = defaultEmojiResolver.fromSlack(reaction.reaction);
    const shown = defaultEmojiResolver.toGChat(emoji);
    await chat.processReaction({
      adapter,
      threadId: threadIdOf(channel, await threadOfMessage(channel, ts)),
      messageId: ts,
      user: authorOf(reaction.user, person?.name, person?.isBot),
      emoji,
      rawEmoji: shown === emoji.name ? `:${reaction.reaction}:` : shown,
      raw: event,
      added: true,
    });
  }

  /** A reaction does not tell in which thread its message stands. */
  async function threadOfMessage(channel: string, ts: string): Promise<string> {
    const asked = { channel, ts, limit: 1 };
    const found = await rest.call('conversations.replies', rootSchema, asked).catch(() => null);
    const [message] = found?.messages ?? [];
    return message?.thread_ts && message.thread_ts !== ts ? message.thread_ts : '';
  }

  async function onClick(payload: unknown): Promise<void> {
    const click = clickSchema.safeParse(payload).data;
    const [action] = click?.actions ?? [];
    if (!click || !action) return;
    const { id, name, username } = click.user;
    const actionId = actionOf(action.action_id);
    const threadId = threadIdOf(click.channel.id, threadOf(click.message));
    const user = authorOf(id, (await adapter.personOf(id))?.name ?? name ?? username);
    const event = { adapter, threadId, user, raw: payload, actionId, messageId: click.message.ts };
    await chat.processAction({ ...event, value: action.value ?? actionId }, undefined);
  }

  async function onSaid(event: unknown): Promise<void> {
    const { subtype } = unreadSchema.parse(event);
    // A thread has one more answer, which is told by itself.
    if (subtype === 'message_replied') return;
    if (subtype === 'message_changed' || subtype === 'message_deleted') {
      const change = changedSchema.safeParse(event).data;
      if (change) await (subtype === 'message_changed' ? onChanged(change) : onDeleted(change));
      return;
    }
    const renamed = renamedSchema.safeParse(event).data;
    if (renamed) await adapter.rename(renamed.channel, renamed.name);
    return onMessage(event);
  }

  async function take(delivery: SlackDelivery): Promise<void> {
    if (delivery.type === 'interactive') return onClick(delivery.payload);
    if (delivery.type !== 'events_api') return;
    const { event } = delivery.payload;
    const type = typeSchema.safeParse(event).data?.type;
    if (type === 'message' || type === 'app_mention') return onSaid(event);
    if (type === 'reaction_added') return onReaction(event);
    if (type === 'channel_rename' || type === 'group_rename') return onRenamed(event);
    if (type === 'channel_id_changed') onMoved(event);
  }

  return { take, retake };
}

const authorOf = (userId: string, name = userId, isBot = false): Author => ({
  userId,
  userName: name,
  fullName: name,
  isBot,
  isMe: false,
});
