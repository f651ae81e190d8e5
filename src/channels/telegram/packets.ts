import type { TelegramMessage, TelegramUpdate } from '@chat-adapter/telegram';
import { z } from 'zod';
import type { Log } from '../../log.js';

/** What every update must have for the adapter to read it (core.telegram.org/bots/api#update). */
const chatSchema = z.object({ id: z.number(), type: z.string() });
const userSchema = z.object({ id: z.number(), first_name: z.string(), is_bot: z.boolean() });
const messageSchema = z.object({
  message_id: z.number(),
  date: z.number(),
  chat: chatSchema,
  from: userSchema.optional(),
  message_thread_id: z.number().optional(),
});
const skeletonSchema = z.object({
  update_id: z.number(),
  message: messageSchema.optional(),
  callback_query: z
    .object({
      id: z.string(),
      from: userSchema,
      message: messageSchema.optional(),
      data: z.string().optional(),
    })
    .optional(),
  message_reaction: z
    .object({
      chat: chatSchema,
      message_id: z.number(),
      user: userSchema.optional(),
      old_reaction: z.array(z.object({ type: z.string() })),
      new_reaction: z.array(z.object({ type: z.string() })),
    })
    .optional(),
});

/** In a message that is said in a topic. The adapter's type does not have it. */
const topicSchema = z.object({ is_topic_message: z.literal(true) });

/** Leaves out what cannot be read, and makes sure that a thread is a topic. */
export function readableUpdates(updates: readonly TelegramUpdate[], log: Log): TelegramUpdate[] {
  return updates.filter((update) => {
    const { success } = skeletonSchema.safeParse(update);
    if (!success) log.error({ update: update?.update_id }, 'an update of Telegram was not understood');
    else for (const message of [update.message, update.callback_query?.message]) onlyTopics(message);
    return success;
  });
}

/**
 * In a supergroup without topics, messages that answer each other bear a thread id too: Telegram refuses to send to
 * it, and every answer would be a conversation of its own.
 */
function onlyTopics(message: TelegramMessage | undefined): void {
  if (message && !topicSchema.safeParse(message).success) delete message.message_thread_id;
}

/** What the adapter's message leaves out. */
export const rawSchema = z.object({
  chat: chatSchema.extend({ title: z.string().optional() }),
  reply_to_message: z
    .object({ message_id: z.number(), forum_topic_created: z.unknown().optional() })
    .optional(),
});

export const clickSchema = z.object({ id: z.string() });
export const chatInfoSchema = chatSchema.extend({
  title: z.string().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
});
