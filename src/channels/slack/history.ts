import { z } from 'zod';
import type { DeliverRequest, DeliverResult } from '../adapter.js';
import type { ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedSlackAdapter } from './adapter.js';
import { eventSchema, isSaid, messageSchema, type SlackMessage, threadIdOf, threadOf } from './packets.js';
import type { SlackRest } from './rest.js';

const PAGE = 200;
/** Slack's clock and ours differ by less than this. */
const SKEW_S = 10;
const TIMESTAMP = /^\d{10}\.\d{6}$/;

const pageSchema = z.object({
  messages: z.array(messageSchema).default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export interface HistoryDeps {
  adapter: BridgedSlackAdapter;
  rest: SlackRest;
}

/** Messages of a channel and of its threads after one of them, in the order in which they were written. */
export async function* messagesSince(
  { adapter, rest }: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): AsyncIterable<ThreadMessage> {
  const channel = platformId.split(':')[1] ?? '';
  if (!TIMESTAMP.test(after)) return;
  const found = new Map<string, SlackMessage>();
  const roots: SlackMessage[] = [];
  for await (const message of pages(rest, 'conversations.history', { channel, oldest: after }, signal)) {
    found.set(message.ts, message);
    roots.push(message);
  }
  // Threads that began earlier and went on: those of the last messages before.
  const before = { channel, latest: after, inclusive: true, limit: PAGE };
  roots.push(...(await rest.call('conversations.history', pageSchema, before, signal)).messages);
  for (const { ts, latest_reply } of roots) {
    if (!latest_reply || latest_reply <= after) continue;
    for await (const reply of pages(rest, 'conversations.replies', { channel, ts, oldest: after }, signal)) {
      if (reply.ts > after) found.set(reply.ts, reply);
    }
  }
  const inOrder = [...found.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  for (const message of inOrder) {
    if (!isSaid(message)) continue;
    const raw = { ...message, channel, channel_type: channel.startsWith('D') ? 'im' : 'channel' };
    yield {
      threadId: threadIdOf(channel, threadOf(message)),
      message: adapter.parseMessage(eventSchema.parse(raw)),
    };
  }
}

async function* pages(
  rest: SlackRest,
  method: string,
  fields: Readonly<Record<string, string | boolean>>,
  signal?: AbortSignal,
): AsyncIterable<SlackMessage> {
  let cursor: string | undefined;
  do {
    const page = await rest.call(method, pageSchema, { ...fields, cursor, limit: PAGE }, signal);
    yield* page.messages;
    cursor = page.response_metadata?.next_cursor || undefined;
  } while (cursor);
}

/**
 * Looks for a message of ours that was sent about then: by its key, or for files, which bear none, by their names.
 * Null: it did not arrive.
 */
export async function findSent(
  { rest }: HistoryDeps,
  self: { userId: string; botId: string | null },
  request: DeliverRequest,
  sentAt: number,
  isAnother: (messageId: string) => boolean = () => false,
): Promise<DeliverResult | null> {
  const { part, to } = request;
  const channel = to.platformId.split(':')[1] ?? '';
  const oldest = (sentAt / 1000 - SKEW_S).toFixed(6);
  const names = part.type === 'text' ? part.files.map((file) => file.name) : [];
  const found = to.threadId
    ? pages(rest, 'conversations.replies', { channel, ts: to.threadId, oldest, include_all_metadata: true })
    : pages(rest, 'conversations.history', { channel, oldest, include_all_metadata: true });
  for await (const message of found) {
    const own = message.user === self.userId || (self.botId !== null && message.bot_id === self.botId);
    if (!own || message.ts < oldest) continue;
    const byKey = message.metadata?.event_payload?.key === request.idempotencyKey;
    const shown = (message.files ?? []).map((file) => file.name);
    const byFiles = names.length > 0 && names.join('\n') === shown.join('\n') && !isAnother(message.ts);
    if (byKey || byFiles) return { messageIds: [message.ts] };
  }
  return null;
}
