import { z } from 'zod';
import { ChannelError, type DeliverRequest, type DeliverResult } from '../adapter.js';
import type { Attempt } from '../chat-sdk/guard.js';
import type { ThreadMessage } from '../chat-sdk/platform.js';
import type { BridgedDiscordAdapter } from './adapter.js';
import { messageSchema, packetOf, unreadSchema } from './packets.js';
import type { DiscordRest } from './rest.js';
import { isSaid, saidSchema } from './said.js';
import { isShownAs } from './shown.js';

const PAGE = 100;
/** Discord's clock and ours differ by less than this. */
const SKEW_MS = 10_000;
const EPOCH_MS = 1_420_070_400_000n;

const pageSchema = z.array(z.unknown());
const threadsSchema = z.object({
  threads: z.array(
    z.object({ id: z.string(), parent_id: z.string().nullish(), last_message_id: z.string().nullish() }),
  ),
});

export interface HistoryDeps {
  adapter: BridgedDiscordAdapter;
  rest: DiscordRest;
  attempt: Attempt;
  botUserId: string;
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
  const found: { threadId: string; raw: unknown; id: bigint }[] = [];
  for (const threadId of [platformId, ...(await threadsWithNews(deps, platformId, after, signal))]) {
    for await (const { raw, id } of pages(deps, threadId, after, signal)) found.push({ threadId, raw, id });
  }
  for (const { threadId, raw } of found.sort((a, b) => Number(a.id - b.id))) {
    if (unreadSchema.parse(raw).author?.id === deps.botUserId || !isSaid(saidSchema.parse(raw))) continue;
    const read = await deps.attempt(packetOf(raw, { platformId }), () => {
      messageSchema.parse(raw);
      return deps.adapter.parseMessage(raw);
    });
    if (read) yield { threadId, message: read.value };
  }
}

/** Messages as they came: one that cannot be read keeps out no other of its page. */
async function* pages(
  { adapter, rest }: Pick<HistoryDeps, 'adapter' | 'rest'>,
  threadId: string,
  after: string,
  signal?: AbortSignal,
): AsyncIterable<{ raw: unknown; id: bigint }> {
  const { channelId, threadId: thread } = adapter.decodeThreadId(threadId);
  let cursor: string | null = after;
  while (cursor !== null) {
    const path: string = `/channels/${thread ?? channelId}/messages?limit=${PAGE}&after=${cursor}`;
    const page: unknown[] = await rest.read(path, pageSchema, signal);
    signal?.throwIfAborted();
    // The newest comes first.
    const oldestFirst = page.flatMap((raw) => identified(raw)).reverse();
    yield* oldestFirst;
    const newest = oldestFirst.at(-1);
    cursor = page.length === PAGE && newest ? String(newest.id) : null;
  }
}

/** Discord gives each message an id; what has none is nothing that could be asked for again. */
function identified(raw: unknown): { raw: unknown; id: bigint }[] {
  const id = unreadSchema.safeParse(raw).data?.id ?? '';
  return /^\d+$/.test(id) ? [{ raw, id: BigInt(id) }] : [];
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
  request: DeliverRequest,
  sentAt: number,
  isAnother: (messageId: string) => boolean = () => false,
): Promise<DeliverResult | null> {
  const { part, to } = request;
  const threadId = to.threadId ? `${to.platformId}:${to.threadId}` : to.platformId;
  for await (const found of pages(deps, threadId, snowflakeAt(sentAt - SKEW_MS))) {
    const raw = messageSchema.safeParse(found.raw).data;
    if (raw?.author.id !== deps.botUserId) continue;
    if (raw.nonce !== undefined && raw.nonce !== null) {
      if (String(raw.nonce) === request.idempotencyKey) return { messageIds: [raw.id] };
      continue;
    }
    if (isShownAs(raw, part) && !isAnother(raw.id)) return { messageIds: [raw.id] };
  }
  return null;
}
