import type { SlackEvent } from '@chat-adapter/slack';
import { z } from 'zod';

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

/** What people and bots say. All other subtypes are Slack's own words (joined, renamed, …), or changes of a message. */
const SAID = new Set([undefined, 'bot_message', 'file_share', 'thread_broadcast', 'me_message']);
export const isSaid = (message: SlackMessage) => SAID.has(message.subtype);

/** The thread that a message stands in; empty for one in the channel itself, also where a thread began with it. */
export const threadOf = ({ ts, thread_ts }: { ts: string; thread_ts?: string | undefined }) =>
  thread_ts && thread_ts !== ts ? thread_ts : '';

/** The Chat SDK's id: the channel, and the thread behind it. */
export const threadIdOf = (channel: string, thread: string) =>
  thread === '' ? `slack:${channel}` : `slack:${channel}:${thread}`;
