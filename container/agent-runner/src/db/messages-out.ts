import { z } from 'zod';
import type { NewId } from '../ids.ts';
import type { SqliteDb } from './driver.ts';
import type { Address } from './messages-in.ts';

export interface NewOutbound {
  turnId: string;
  inReplyTo: string | null;
  kind: 'chat' | 'system';
  address: Address;
  /** What the host will check (its src/outbound-reader/types.ts). */
  content: Record<string, unknown>;
  /** Epoch milliseconds; null: at once. */
  deliverAfter?: number | null;
}

export interface OutboundMessage {
  id: string;
  /** Odd: what the agent calls the message. */
  seq: number;
  kind: 'chat' | 'system';
  address: Address;
  content: Record<string, unknown>;
}

const rowSchema = z.object({
  id: z.string(),
  seq: z.number(),
  kind: z.enum(['chat', 'system']),
  channel_type: z.string(),
  platform_id: z.string(),
  thread_id: z.string(),
  content: z.string(),
});

function toMessage(row: unknown): OutboundMessage {
  const value = rowSchema.parse(row);
  return {
    id: value.id,
    seq: value.seq,
    kind: value.kind,
    address: { channelType: value.channel_type, platformId: value.platform_id, threadId: value.thread_id },
    content: z.record(z.string(), z.unknown()).parse(JSON.parse(value.content)),
  };
}

/** The next odd number above everything said so far in this conversation, so that the numbers tell the order. */
export function nextOddSeq(lastOut: number, lastIn: number): number {
  const next = Math.max(lastOut, lastIn) + 1;
  return next % 2 === 1 ? next : next + 1;
}

const COLUMNS = 'id, seq, kind, channel_type, platform_id, thread_id, content';
const lastSchema = z.object({ seq: z.number().nullable() });

/** The rows this container has to say; every call is made inside a transaction of the caller. */
export interface Outbox {
  /** `lastIn`: the highest inbound seq that the agent has been shown. */
  append(row: NewOutbound, lastIn: number): OutboundMessage;
  bySeq(seq: number): OutboundMessage | null;
  byId(id: string): OutboundMessage | null;
  ofTurn(turnId: string): OutboundMessage[];
}

export function createOutbox(
  db: SqliteDb,
  deps: { incarnation: number; now: () => number; newId: NewId },
): Outbox {
  const last = db.prepare('SELECT max(seq) AS seq FROM messages_out');
  const insert =
    db.prepare(`INSERT INTO messages_out (seq, id, incarnation, turn_id, in_reply_to, kind, deliver_after,
    channel_type, platform_id, thread_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const seq = db.prepare(`SELECT ${COLUMNS} FROM messages_out WHERE seq = ?`);
  const byId = db.prepare(`SELECT ${COLUMNS} FROM messages_out WHERE id = ?`);
  const ofTurn = db.prepare(`SELECT ${COLUMNS} FROM messages_out WHERE turn_id = ? ORDER BY seq LIMIT 1000`);
  const one = (row: unknown) => (row === undefined ? null : toMessage(row));
  return {
    append(row, lastIn) {
      const id = deps.newId('out');
      const next = nextOddSeq(lastSchema.parse(last.get()).seq ?? 0, lastIn);
      const { channelType, platformId, threadId } = row.address;
      const where = [channelType, platformId, threadId];
      const to = [next, id, deps.incarnation, row.turnId, row.inReplyTo, row.kind, row.deliverAfter ?? null];
      insert.run(...to, ...where, JSON.stringify(row.content), deps.now());
      return { id, seq: next, kind: row.kind, address: row.address, content: row.content };
    },
    bySeq: (value) => one(seq.get(value)),
    byId: (id) => one(byId.get(id)),
    ofTurn: (turnId) => ofTurn.all(turnId).map(toMessage),
  };
}
