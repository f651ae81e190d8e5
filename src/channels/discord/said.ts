import { z } from 'zod';
import { listOf } from '../chat-sdk/lenient.js';

/**
 * What of a message bears words (docs.discord.com/developers/resources/message#message-object). A message that is
 * answered and one that is passed on have the same. Nothing in it makes a message one that cannot be read: what is of
 * the wrong shape is left out, and no list is read further than Discord itself goes.
 */
const text = z.string().catch('');
const optional = z.string().optional().catch(undefined);

const personSchema = z.object({
  id: z.string(),
  username: text,
  global_name: z.string().nullish().catch(undefined),
  bot: z.boolean().optional().catch(undefined),
  member: z.object({ nick: z.string().nullish() }).nullish().catch(undefined),
});

/** docs.discord.com/developers/resources/message#embed-object */
const embedSchema = z.object({
  type: z.string().catch('rich'),
  title: text,
  description: text,
  url: text,
  author: z.object({ name: text }).optional().catch(undefined),
  footer: z.object({ text }).optional().catch(undefined),
  provider: z.object({}).nullish().catch(undefined),
  image: z.object({ url: text }).optional().catch(undefined),
  fields: listOf(z.object({ name: text, value: text }), 25),
});
export type Embed = z.infer<typeof embedSchema>;

/** docs.discord.com/developers/resources/poll#poll-object */
const pollMediaSchema = z.object({
  text,
  emoji: z.object({ name: z.string().nullish() }).nullish().catch(undefined),
});
const pollSchema = z.object({
  question: pollMediaSchema,
  answers: listOf(z.object({ poll_media: pollMediaSchema }), 20),
});

const attachmentSchema = z.object({
  filename: text,
  content_type: optional,
  size: z.number().optional().catch(undefined),
  url: z.string(),
});
export type Handed = z.infer<typeof attachmentSchema>;

const fields = z.object({
  id: optional,
  type: z.number().catch(0),
  flags: z.number().catch(0),
  content: text,
  timestamp: optional,
  author: personSchema.optional().catch(undefined),
  webhook_id: z.string().nullish().catch(undefined),
  mentions: listOf(personSchema, 200),
  mention_roles: listOf(z.string(), 200),
  mention_channels: listOf(z.object({ id: z.string(), name: z.string() }), 200),
  attachments: listOf(attachmentSchema, 20),
  embeds: listOf(embedSchema, 20),
  components: z.array(z.unknown()).catch([]),
  sticker_items: listOf(z.object({ name: text }), 10),
  poll: pollSchema.nullish().catch(undefined),
  /** docs.discord.com/developers/resources/message#message-object-message-activity-structure */
  activity: z.object({ type: z.number() }).nullish().catch(undefined),
  application: z.object({ name: text }).nullish().catch(undefined),
  message_reference: z
    .object({ type: z.number().optional(), message_id: optional, channel_id: optional, guild_id: optional })
    .nullish()
    .catch(undefined),
});
export const saidSchema = fields.extend({
  /** Null: it was deleted. Undefined: Discord did not look. */
  referenced_message: fields
    .extend({ message_snapshots: listOf(z.object({ message: fields }), 10) })
    .nullish()
    .catch(undefined),
  /** docs.discord.com/developers/resources/message#message-snapshot-object */
  message_snapshots: listOf(z.object({ message: fields }), 10),
});
export type Said = z.infer<typeof fields>;
export type SaidMessage = z.infer<typeof saidSchema>;

/**
 * docs.discord.com/developers/resources/message#message-object-message-types. The answer of an app to a command (20, 23)
 * is a message like others; everything else of these is the platform's own: joins, pins, boosts, threads, stages, polls
 * that ended.
 */
const SAID = new Set([0, 19, 20, 23]);
const LAST_KNOWN = 46;
const LOADING = 1 << 7;

/** A type that is newer than this is a message where it says something: the platform's own have no words. */
export function isSaid({ type, ...said }: Pick<SaidMessage, 'type'> & Partial<SaidMessage>): boolean {
  if (isAwaited({ flags: said.flags ?? 0 })) return false;
  if (type <= LAST_KNOWN) return SAID.has(type);
  const { content = '', attachments = [], embeds = [], components = [], sticker_items = [], poll } = said;
  const lists = [attachments, embeds, components, sticker_items];
  return content !== '' || Boolean(poll) || lists.some((list) => list.length > 0);
}

/** An app is still at work on this answer: its words come as a change of it. */
export const isAwaited = ({ flags }: Pick<Said, 'flags'>) => (flags & LOADING) !== 0;

/** A forwarded message refers to its original, and so does one that a channel follows: neither answers it. */
export const isReply = ({ type }: Pick<Said, 'type'>) => type === 19 || type === 23;
const FORWARD = 1;
export const isForward = ({ message_reference, message_snapshots }: SaidMessage) =>
  message_reference?.type === FORWARD || message_snapshots.length > 0;
