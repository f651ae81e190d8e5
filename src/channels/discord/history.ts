import type { Message } from 'chat';
import { z } from 'zod';
import { ChannelError, type DeliverRequest, type DeliverResult } from '../adapter.js';
import type { ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedDiscordAdapter } from './adapter.js';
import { isSaid, messageSchema } from './packets.js';
import type { DiscordRest } from './rest.js';
import { isShownAs } from './shown.js';

const PAGE = 100;
/** Discord's clock and ours differ by less than this. */
const SKEW_MS = 10_000;
const EPOCH_MS = 1_420_070_400_000n;

const threadsSchema = z.object({
  threads: z.array(
    z.object({ id: z.string(), parent_id: z.string().nullish(), last_message_id: z.string().nullish() }),
  ),
});

export interface HistoryDeps {
  adapter: BridgedDiscordAdapter;
  rest: DiscordRest;
}

/** An id of that moment: Discord's ids grow with time, over all channels. */
export const snowflakeAt = (ms: number) => String((BigInt(Math.floor(ms)) - EPOCH_MS) << 22n);

/** Messages of a chat and of its threads after one of them, in the order in which they were written. */
export async function* messagesSince(
  deps: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): AsyncIterable<ThreadMessage> {
  if (!/^\d+$/.test(after)) return;
  const found: ThreadMessage[] = [];
  for (const threadId of [platformId, ...(await threadsWithNews(deps, platformId, after, signal))]) {
    for await (const message of pages(deps.adapter, threadId, after)) {
      signal.throwIfAborted();
      if (isSaid(messageSchema.parse(message.raw).type)) found.push({ threadId, message });
    }
  }
  yield* found.sort((a, b) => Number(BigInt(a.message.id) - BigInt(b.message.id)));
}

async function* pages(
  adapter: BridgedDiscordAdapter,
  threadId: string,
  after: string,
): AsyncIterable<Message> {
  let cursor: string | undefined = after;
  while (cursor) {
    const page = await adapter.fetchMessages(threadId, { cursor, direction: 'forward', limit: PAGE });
    yield* page.messages;
    cursor = page.nextCursor;
  }
}

async function threadsWithNews(
  { rest }: HistoryDeps,
  platformId: string,
  after: string,
  signal: AbortSignal,
): Promise<string[]> {
  const [, guildId, channelId] = platformId.split(':');
  if (!channelId || guildId === '@me') return [];
  const active = await rest.read(`/guilds/${guildId}/threads/active`, threadsSchema, signal);
  const archived = await rest
    .read(`/channels/${channelId}/threads/archived/public?limit=${PAGE}`, threadsSchema, signal)
    .catch(orNone);
  const all = [...active.threads.filter((thread) => thread.parent_id === channelId), ...archived.threads];
  const news = all.filter(
    ({ last_message_id }) => last_message_id && BigInt(last_message_id) > BigInt(after),
  );
  return [...new Set(news.map((thread) => `${platformId}:${thread.id}`))];
}

/** Archived threads need a right of their own, and some kinds of channels have none. */
function orNone(error: unknown): z.infer<typeof threadsSchema> {
  if (error instanceof ChannelError && error.errorClass === 'permanent') return { threads: [] };
  throw error;
}

/**
 * Looks for a message of ours that was sent about then: by its idempotency key where Discord still tells it, else by
 * what it shows. Null: it did not arrive.
 */
export async function findSent(
  deps: HistoryDeps,
  botUserId: string,
  request: DeliverRequest,
  sentAt: number,
  isAnother: (messageId: string) => boolean = () => false,
): Promise<DeliverResult | null> {
  const { part, to } = request;
  const threadId = to.threadId ? `${to.platformId}:${to.threadId}` : to.platformId;
  for await (const message of pages(deps.adapter, threadId, snowflakeAt(sentAt - SKEW_MS))) {
    const raw = messageSchema.parse(message.raw);
    if (raw.author.id !== botUserId) continue;
    if (raw.nonce !== undefined && raw.nonce !== null) {
      if (String(raw.nonce) === request.idempotencyKey) return { messageIds: [message.id] };
      continue;
    }
    if (isShownAs(raw, part) && !isAnother(message.id)) return { messageIds: [message.id] };
  }
  return null;
}
