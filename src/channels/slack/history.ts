import { z } from 'zod';
import type { DeliverRequest, DeliverResult } from '../adapter.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedSlackAdapter } from './adapter.js';
import {
  eventSchema,
  isSaid,
  messageSchema,
  packetOf,
  threadIdOf,
  threadOf,
  unreadSchema,
} from './packets.js';
import type { SlackRest } from './rest.js';

const PAGE = 200;
/** Slack's clock and ours differ by less than this. */
const SKEW_S = 10;
const TIMESTAMP = /^\d{10}\.\d{6}$/;

const pageSchema = z.object({
  messages: z.array(z.unknown()).default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export interface HistoryDeps {
  adapter: BridgedSlackAdapter;
  rest: SlackRest;
  attempt: Attempt;
  self: { userId: string; botId: string | null };
}

/** A message as it came: one that cannot be read keeps out no other of its page. */
interface Found {
  ts: string;
  latest_reply?: string | undefined;
  raw: unknown;
}

/** Messages of a channel and of its threads after one of them, in the order in which they were written. */
export async function* messagesSince(
  { adapter, rest, attempt, self }: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): AsyncIterable<ThreadMessage> {
  const channel = platformId.split(':')[1] ?? '';
  if (!TIMESTAMP.test(after)) return;
  const found = new Map<string, Found>();
  const roots: Found[] = [];
  for await (const message of pages(rest, 'conversations.history', { channel, oldest: after }, signal)) {
    found.set(message.ts, message);
    roots.push(message);
  }
  // Threads that began earlier and went on: those of the last messages before.
  const before = { channel, latest: after, inclusive: true, limit: PAGE };
  roots.push(
    ...(await rest.call('conversations.history', pageSchema, before, signal)).messages.flatMap(foundOf),
  );
  for (const { ts, latest_reply } of roots) {
    if (!latest_reply || latest_reply <= after) continue;
    for await (const reply of pages(rest, 'conversations.replies', { channel, ts, oldest: after }, signal)) {
      if (reply.ts > after) found.set(reply.ts, reply);
    }
  }
  const inOrder = [...found.values()].sort((a, b) => (a.ts < b.ts ? -1 : 1));
  for (const { raw } of inOrder) {
    const { subtype, user, bot_id } = unreadSchema.parse(raw);
    const own = user === self.userId || (self.botId !== null && bot_id === self.botId);
    if (own || !isSaid({ subtype })) continue;
    const placed = { ...z.looseObject({}).catch({}).parse(raw), channel };
    const event = { ...placed, channel_type: channel.startsWith('D') ? 'im' : 'channel' };
    const read = await attempt(packetOf(event), () => {
      const said = messageSchema.parse(event);
      const threadId = threadIdOf(channel, threadOf(said));
      return { threadId, message: adapter.parseMessage(eventSchema.parse(event)) };
    });
    if (read) yield read.value;
  }
}

/** Slack gives each message its time as its id; what has none is nothing that could be asked for again. */
function foundOf(raw: unknown): Found[] {
  const { ts, latest_reply } = unreadSchema.parse(raw);
  return ts === undefined ? [] : [{ ts, latest_reply, raw }];
}

async function* pages(
  rest: SlackRest,
  method: string,
  fields: Readonly<Record<string, string | boolean>>,
  signal?: AbortSignal,
): AsyncIterable<Found> {
  let cursor: string | undefined;
  do {
    const page = await rest.call(method, pageSchema, { ...fields, cursor, limit: PAGE }, signal);
    yield* page.messages.flatMap(foundOf);
    cursor = page.response_metadata?.next_cursor || undefined;
  } while (cursor);
}

/**
 * Looks for a message of ours that was sent about then: by its key, or for files, which bear none, by their names.
 * Null: it did not arrive.
 */
export async function findSent(
  { rest, self }: HistoryDeps,
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
  for await (const { raw } of found) {
    const message = messageSchema.safeParse(raw).data;
    if (!message) continue;
    const own = message.user === self.userId || (self.botId !== null && message.bot_id === self.botId);
    if (!own || message.ts < oldest) continue;
    const byKey = message.metadata?.event_payload?.key === request.idempotencyKey;
    const shown = (message.files ?? []).map((file) => file.name);
    const byFiles = names.length > 0 && names.join('\n') === shown.join('\n') && !isAnother(message.ts);
    if (byKey || byFiles) return { messageIds: [message.ts] };
  }
  return null;
}
