import type { SlackEvent } from '@chat-adapter/slack';
import { z } from 'zod';
import type { Packet } from '../chat-sdk/guard.js';

/**
 * What is read of Slack's events and messages (api.slack.com/events/message), checked at the border. The adapter
 * reads the rest of a message by itself.
 */
export const messageSchema = z.looseObject({
  type: z.string().default('message'),
  ts: z.string(),
  subtype: z.string().optional(),
  channel: z.string().optional(),
  channel_type: z.string().optional(),
  thread_ts: z.string().optional(),
  parent_user_id: z.string().optional(),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  username: z.string().optional(),
  bot_profile: z.looseObject({ name: z.string().optional() }).optional(),
  text: z.string().default(''),
  latest_reply: z.string().optional(),
  files: z.array(z.looseObject({ name: z.string().nullish() })).optional(),
  metadata: z
    .object({ event_payload: z.object({ key: z.string().optional() }).optional() })
    .optional()
    .catch(undefined),
});
export type SlackMessage = z.infer<typeof messageSchema>;

/** The same, as the adapter's own type. */
export const eventSchema = z.custom<SlackEvent>((value) => messageSchema.safeParse(value).success);

const told = z.string().optional().catch(undefined);
/** What is told of a message that cannot be read. */
export const unreadSchema = z
  .object({
    ts: told,
    subtype: told,
    channel: told,
    thread_ts: told,
    user: told,
    bot_id: told,
    latest_reply: told,
  })
  .catch({});

export function packetOf(raw: unknown): Packet {
  const { ts, channel, thread_ts, user, bot_id } = unreadSchema.parse(raw);
  const platformId = channel && `slack:${channel}`;
  const threadId = threadOf({ ts: ts ?? '', thread_ts });
  return { platformId, threadId, messageId: ts, senderId: user ?? bot_id, at: Number(ts) * 1000, raw };
}

export const reactionSchema = z.object({
  user: z.string(),
  reaction: z.string(),
  item: z.object({ type: z.literal('message'), channel: z.string(), ts: z.string() }),
});

/** A click on a button of a message (api.slack.com/reference/interaction-payloads/block-actions). */
export const clickSchema = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id: z.string(), username: z.string().optional(), name: z.string().optional() }),
  channel: z.object({ id: z.string() }),
  message: z.object({ ts: z.string(), thread_ts: z.string().optional() }),
  actions: z
    .array(
      z.object({ action_id: z.string(), value: z.string().optional(), action_ts: z.string().optional() }),
    )
    .min(1),
});

/** What comes over the socket (api.slack.com/apis/socket-mode). */
export const frameSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello') }),
  z.object({ type: z.literal('disconnect'), reason: z.string().default('') }),
  z.object({
    type: z.literal('events_api'),
    envelope_id: z.string(),
    payload: z.object({ event: z.unknown() }),
  }),
  z.object({ type: z.literal('interactive'), envelope_id: z.string(), payload: z.unknown() }),
  z.object({ type: z.literal('slash_commands'), envelope_id: z.string() }),
]);
export type SlackFrame = z.infer<typeof frameSchema>;
export type SlackEnvelope = Extract<SlackFrame, { envelope_id: string }>;

/** What comes by the socket as by webhook. */
export type SlackDelivery =
  | { type: 'events_api'; payload: { event?: unknown } }
  | { type: 'interactive'; payload?: unknown }
  | { type: 'slash_commands' };

/**
 * A change of a message (docs.slack.dev/reference/events/message/message_changed and …/message_deleted): an edit, or
 * something that Slack found about it. Of a deleted message that has answers its tombstone is left.
 */
export const changedSchema = z.object({
  channel: z.string(),
  channel_type: z.string().optional().catch(undefined),
  event_ts: told,
  ts: told,
  deleted_ts: told,
  message: z
    .looseObject({ edited: z.object({ ts: z.string() }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
  previous_message: z
    .looseObject({ ts: told, user: told, bot_id: told, thread_ts: told })
    .optional()
    .catch(undefined),
});
export type SlackChange = z.infer<typeof changedSchema>;

/** docs.slack.dev/reference/events/channel_rename, and group_rename */
export const renameSchema = z.object({ channel: z.object({ id: z.string(), name: z.string() }) });
/** The same as a message: docs.slack.dev/reference/events/message/channel_name, and group_name */
export const renamedSchema = z.object({
  subtype: z.enum(['channel_name', 'group_name']),
  channel: z.string(),
  name: z.string(),
});
/** docs.slack.dev/reference/events/channel_id_changed */
export const movedSchema = z.object({ old_channel_id: z.string(), new_channel_id: z.string() });

/**
 * What people and bots say. All other subtypes (docs.slack.dev/reference/events/message#subtypes) are Slack's own words:
 * joins, topics, pins, huddles, canvases that name somebody, and whatever it adds to them.
 */
const SAID = new Set([undefined, 'bot_message', 'file_share', 'thread_broadcast', 'me_message']);
export const isSaid = ({ subtype }: { subtype?: string | undefined }) => SAID.has(subtype);

/** The thread that a message stands in; empty for one in the channel itself, also where a thread began with it. */
export const threadOf = ({ ts, thread_ts }: { ts: string; thread_ts?: string | undefined }) =>
  thread_ts && thread_ts !== ts ? thread_ts : '';

/** The Chat SDK's id: the channel, and the thread behind it. */
export const threadIdOf = (channel: string, thread: string) =>
  thread === '' ? `slack:${channel}` : `slack:${channel}:${thread}`;
