import { z } from 'zod';
import type { Packet } from '../chat-sdk/guard.js';

/**
 * What is read of Discord's packets and messages (discord.com/developers/docs/resources/message), checked at the
 * border: without these a message cannot be taken in. What else bears words is in said.ts.
 */
const userSchema = z.object({
  id: z.string(),
  username: z.string().default(''),
  global_name: z.string().nullish(),
  bot: z.boolean().optional(),
});

export const messageSchema = z.object({
  id: z.string(),
  channel_id: z.string(),
  type: z.number().default(0),
  content: z.string().default(''),
  nonce: z.union([z.string(), z.number()]).nullish(),
  author: userSchema,
  member: z.object({ nick: z.string().nullish() }).nullish(),
  attachments: z.array(z.unknown()).default([]),
  embeds: z.array(z.unknown()).default([]),
  components: z.array(z.unknown()).default([]),
});
/** What is told of a message that cannot be read. */
export const unreadSchema = z.object({
  id: z.string().optional().catch(undefined),
  channel_id: z.string().optional().catch(undefined),
  flags: z.number().optional().catch(undefined),
  timestamp: z.string().optional().catch(undefined),
  author: z.object({ id: z.string() }).optional().catch(undefined),
});
export type DiscordMessage = z.infer<typeof messageSchema>;

export const reactionSchema = z.object({
  user_id: z.string(),
  channel_id: z.string(),
  message_id: z.string(),
  member: z.object({ user: userSchema, nick: z.string().nullish() }).nullish(),
  emoji: z.object({ id: z.string().nullish(), name: z.string().nullish() }),
});

/** A message as it is now (docs.discord.com/developers/events/gateway-events#message-update): all of it, or a part. */
export const updateSchema = z.object({
  id: z.string(),
  channel_id: z.string(),
  author: z.object({ id: z.string() }),
  content: z.string(),
  type: z.number().default(0),
  flags: z.number().catch(0),
  edited_timestamp: z.string().nullish().catch(undefined),
});

/** docs.discord.com/developers/events/gateway-events#message-delete and #message-delete-bulk, which names at most 100. */
export const deletedSchema = z.object({
  channel_id: z.string(),
  id: z.string().optional(),
  ids: z.array(z.string()).max(1000).optional(),
});

/** A click on a button or a choice in a list (interaction type 3). */
export const componentSchema = z.object({
  id: z.string(),
  token: z.string(),
  type: z.literal(3),
  channel_id: z.string(),
  member: z.object({ user: userSchema }).nullish(),
  user: userSchema.nullish(),
  message: z.object({ id: z.string() }),
  data: z.object({ custom_id: z.string(), values: z.array(z.string()).optional() }),
});

export function packetOf(raw: unknown, place: { platformId?: string } = {}): Packet {
  const { id, author, timestamp } = unreadSchema.safeParse(raw).data ?? {};
  return { ...place, messageId: id, senderId: author?.id, at: Date.parse(timestamp ?? ''), raw };
}
