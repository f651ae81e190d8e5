import { z } from 'zod';
import type { Address, InboundMessage } from '../db/messages-in.ts';
import type { Push, Turn } from '../turn.ts';
import type { Loop } from './context.ts';

const barrierSchema = z.object({ seq: z.number().nullable() });
const idSchema = z.object({ id: z.string() });
const routingSchema = z.object({ channel_type: z.string(), platform_id: z.string(), thread_id: z.string() });

/** What is next, oldest first; nothing of it is claimed yet. */
export type Next =
  | { type: 'new-conversation'; message: InboundMessage }
  /** Goes to the model; `address` is where the reply goes. */
  | { type: 'turn'; address: Address; batch: Batch };

export interface Batch {
  messages: InboundMessage[];
  context: InboundMessage[];
  news: InboundMessage[];
  /** Context older than the newest fifty: ends unread. */
  staleIds: string[];
}

/** The oldest message that wants to be worked on, with everything that goes along with it. */
export function findNext(loop: Loop): Next | null {
  const [head] = loop.inbound.messages('head', ...open(loop));
  if (!head) return null;
  if (head.body.kind === 'system' && head.body.content.type === 'new_conversation') {
    return { type: 'new-conversation', message: head };
  }
  const address = head.address.channelType === '' ? defaultAddress(loop) : head.address;
  // A task is a turn of its own: its silence or failure must not be that of what a person said meanwhile.
  const alone = head.body.kind === 'task' || head.body.kind === 'bad';
  const messages = alone ? [head] : triggers(loop, head.address);
  return { type: 'turn', address, batch: withContext(loop, head.address, messages) };
}

/** What came for the running turn's chat and thread since it began. */
export function findFollowUps(loop: Loop, turn: Turn): Batch | null {
  const messages = triggers(loop, turn.address);
  return messages.length === 0 ? null : withContext(loop, turn.address, messages);
}

export function pushOf(batch: Batch, uuid: string): Push {
  const contextIds = [...batch.context, ...batch.news].map((message) => message.id);
  const messages = batch.messages;
  return {
    uuids: [uuid],
    messages,
    contextIds: [...contextIds, ...batch.staleIds],
    takenIn: false,
    claimedAt: null,
    firstByteAt: null,
  };
}

export function highestSeq(batch: Batch): number {
  const all = [...batch.messages, ...batch.context, ...batch.news];
  return Math.max(0, ...all.map((message) => message.seq));
}

/** Parameters that every statement for open messages begins with. */
function open(loop: Loop): [string, number] {
  return [JSON.stringify(loop.store.acks.ids()), loop.clock.now()];
}

function here(address: Address): [string, string, string] {
  return [address.channelType, address.platformId, address.threadId];
}

/** The seq of the next `/new`: what comes after it belongs to the next conversation. */
function barrier(loop: Loop): number {
  const [row] = loop.inbound.rows('barrier', barrierSchema, ...open(loop));
  return row?.seq ?? Number.MAX_SAFE_INTEGER;
}

function triggers(loop: Loop, address: Address): InboundMessage[] {
  return loop.inbound.messages('batch', ...open(loop), ...here(address), barrier(loop));
}

function withContext(loop: Loop, address: Address, messages: InboundMessage[]): Batch {
  const until = barrier(loop);
  const newest = loop.inbound.messages('context', ...open(loop), ...here(address), until);
  const context = newest.reverse();
  const oldest = context[0]?.seq;
  const stale =
    oldest === undefined
      ? []
      : loop.inbound.rows('staleContext', idSchema, ...open(loop), ...here(address), oldest);
  const news = loop.inbound.messages('news', ...open(loop));
  return { messages, context, news, staleIds: stale.map((row) => row.id) };
}

function defaultAddress(loop: Loop): Address {
  const [row] = loop.inbound.rows('routing', routingSchema);
  return {
    channelType: row?.channel_type ?? '',
    platformId: row?.platform_id ?? '',
    threadId: row?.thread_id ?? '',
  };
}
