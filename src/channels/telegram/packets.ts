import type { TelegramMessage, TelegramUpdate } from '@chat-adapter/telegram';
import { z } from 'zod';
import { editId } from '../adapter.js';
import type { Packet } from '../chat-sdk/guard.js';

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
  edited_message: messageSchema.extend({ edit_date: z.number() }).optional(),
  edited_channel_post: messageSchema.extend({ edit_date: z.number() }).optional(),
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

/** Tells what can be read from what cannot, and makes sure that a thread is a topic. */
export function sortUpdates(told: readonly TelegramUpdate[]): {
  readable: TelegramUpdate[];
  strange: TelegramUpdate[];
} {
  const updates = told.map(postAsMessage);
  const isReadable = (update: TelegramUpdate) => skeletonSchema.safeParse(update).success;
  const readable = updates.filter(isReadable);
  for (const update of readable) {
    for (const one of [update.message, editedIn(update), update.callback_query?.message]) onlyTopics(one);
  }
  return { readable, strange: updates.filter((update) => !isReadable(update)) };
}

/** What is posted in a channel is a message in the channel's own name; a bot is told of what others post. */
function postAsMessage({ channel_post: post, ...update }: TelegramUpdate): TelegramUpdate {
  return post === undefined ? update : { ...update, message: post };
}

/** The message as it is now, where an update tells of an edit. */
export const editedIn = (update: TelegramUpdate): TelegramMessage | undefined =>
  update.edited_message ?? update.edited_channel_post;

/** Throws what is wrong with an update that cannot be read. */
export const checkUpdate = (update: TelegramUpdate): void => void skeletonSchema.parse(update);

const told = z.number().optional().catch(undefined);
const idSchema = z.object({ id: told }).optional().catch(undefined);
/** What is told of a message that cannot be read. */
const unreadSchema = z
  .object({ message_id: told, date: told, edit_date: told, chat: idSchema, from: idSchema })
  .catch({});

export function packetOf(update: TelegramUpdate): Packet {
  const edited = editedIn(update);
  const message = edited ?? update.message;
  // Clicks and reactions mean nothing a while later.
  if (message === undefined) return { raw: null };
  const { message_id, date, edit_date, chat, from } = unreadSchema.parse(message);
  const id = message_id === undefined ? undefined : `${chat?.id ?? ''}:${message_id}`;
  const at = edited ? edit_date : date;
  return {
    platformId: chat?.id === undefined ? undefined : `telegram:${chat.id}`,
    messageId: id !== undefined && edited ? editId(id, String(edit_date ?? '')) : id,
    senderId: from?.id,
    at: at === undefined ? undefined : at * 1000,
    raw: edited ? { edited_message: edited } : message,
  };
}

/** A message or an edit as Telegram had it, which was kept (`packetOf`). */
export function keptUpdate(raw: unknown): TelegramUpdate {
  const edit = z.object({ edited_message: keptSchema }).safeParse(raw).data;
  return edit ? { update_id: 0, ...edit } : { update_id: 0, message: keptSchema.parse(raw) };
}

const keptSchema = z.custom<NonNullable<TelegramUpdate['message']>>(
  (value) => messageSchema.safeParse(value).success,
);

/** What a group and the supergroup that it has become tell of each other, each in its own chat. */
const movedSchema = z.object({
  chat: z.object({ id: z.number() }),
  migrate_to_chat_id: told,
  migrate_from_chat_id: told,
});

export function moveIn(message: unknown): { from: number; to: number } | null {
  const told = movedSchema.safeParse(message).data;
  if (told?.migrate_to_chat_id !== undefined) return { from: told.chat.id, to: told.migrate_to_chat_id };
  if (told?.migrate_from_chat_id !== undefined) return { from: told.migrate_from_chat_id, to: told.chat.id };
  return null;
}

/**
 * In a supergroup without topics, messages that answer each other bear a thread id too: Telegram refuses to send to
 * it, and every answer would be a conversation of its own.
 */
function onlyTopics(message: TelegramMessage | undefined): void {
  if (message && !topicSchema.safeParse(message).success) delete message.message_thread_id;
}

export const clickSchema = z.object({ id: z.string() });
export const chatInfoSchema = chatSchema.extend({
  title: z.string().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
});
