import { z } from 'zod';

/**
 * What is read of Discord's packets and messages (discord.com/developers/docs/resources/message), checked at the
 * border. Fields that only some messages have are optional; everything else of a packet is left out.
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
  mentions: z.array(userSchema).default([]),
  mention_roles: z.array(z.string()).default([]),
  attachments: z.array(z.unknown()).default([]),
  embeds: z.array(z.unknown()).default([]),
  components: z.array(z.unknown()).default([]),
  message_reference: z.object({ type: z.number().optional(), message_id: z.string().optional() }).nullish(),
  referenced_message: z.object({ author: userSchema }).nullish(),
  message_snapshots: z
    .array(z.object({ message: z.object({ content: z.string().default('') }) }))
    .default([]),
});
export type DiscordMessage = z.infer<typeof messageSchema>;

export const reactionSchema = z.object({
  user_id: z.string(),
  channel_id: z.string(),
  message_id: z.string(),
  member: z.object({ user: userSchema, nick: z.string().nullish() }).nullish(),
  emoji: z.object({ id: z.string().nullish(), name: z.string().nullish() }),
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

/** What people and bots say: a message or a reply. All other types are the platform's own words (joined, pinned, …). */
export const isSaid = (type: number) => type === 0 || type === 19;

/** A forwarded message refers to its original, but does not answer it. */
export const isReply = (message: DiscordMessage) => (message.message_reference?.type ?? 0) === 0;
