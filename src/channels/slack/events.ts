import { type Author, type ChatInstance, defaultEmojiResolver } from 'chat';
import { z } from 'zod';
import { actionOf, type BridgedSlackAdapter } from './adapter.js';
import {
  clickSchema,
  eventSchema,
  isSaid,
  messageSchema,
  reactionSchema,
  type SlackDelivery,
  threadIdOf,
  threadOf,
} from './packets.js';
import type { SlackRest } from './rest.js';

export interface DeliveryDeps {
  adapter: BridgedSlackAdapter;
  chat: ChatInstance;
  rest: SlackRest;
}

const typeSchema = z.object({ type: z.string() });
const rootSchema = z.object({
  messages: z.array(z.object({ ts: z.string(), thread_ts: z.string().optional() })).default([]),
});
/** How many messages are remembered, so that `message` and `app_mention` of the same one are one event. */
const MOST_RECENT = 500;

/** Hands what comes from Slack to the Chat SDK. Resolves once it is taken in, or is none of our business. */
export function createDeliveryHandler(deps: DeliveryDeps): (delivery: SlackDelivery) => Promise<void> {
  const { adapter, chat, rest } = deps;
  const recent = new Map<string, Promise<void>>();

  function onMessage(event: unknown): Promise<void> {
    const message = messageSchema.safeParse(event).data;
    if (!message?.channel || !isSaid(message)) return Promise.resolve();
    const key = `${message.channel}:${message.ts}`;
    const known = recent.get(key);
    if (known) return known;
    const threadId = threadIdOf(message.channel, threadOf(message));
    const taken = chat.handleIncomingMessage(
      adapter,
      threadId,
      adapter.parseMessage(eventSchema.parse(event)),
    );
    recent.set(key, taken);
    taken.catch(() => recent.delete(key));
    for (const oldest of recent.keys()) {
      if (recent.size <= MOST_RECENT) break;
      recent.delete(oldest);
    }
    return taken;
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

  return async (delivery) => {
    if (delivery.type === 'interactive') return onClick(delivery.payload);
    if (delivery.type !== 'events_api') return;
    const { event } = delivery.payload;
    const type = typeSchema.safeParse(event).data?.type;
    if (type === 'message' || type === 'app_mention') return onMessage(event);
    if (type === 'reaction_added') return onReaction(event);
  };
}

const authorOf = (userId: string, name = userId, isBot = false): Author => ({
  userId,
  userName: name,
  fullName: name,
  isBot,
  isMe: false,
});
