import { z } from 'zod';
import type { RawValue } from '../db/outbound/index.js';
import { parseAck, parseRow } from './parse-rows.js';
import type { OutboundRead } from './types.js';

// The reader may have been taken over by what it reads: its answers are checked like the rows in them.
const valueSchema = z.union([z.string(), z.number(), z.null()]);
const pageSchema = z.array(z.array(valueSchema).max(20)).max(100);

const messageSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), user: z.enum(['host', 'nobody', 'root']) }),
  z.object({
    event: z.literal('read'),
    id: z.number().int(),
    read: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('rows'), rows: pageSchema, acks: pageSchema, more: z.boolean() }),
      z.object({ kind: z.literal('recover') }),
      z.object({ kind: z.literal('busy') }),
      z.object({ kind: z.literal('bad'), code: z.string().max(100), message: z.string().max(1000) }),
    ]),
  }),
]);

/** A message of the reader process that has the right shape; its rows are still to be parsed. */
export type CheckedMessage = z.infer<typeof messageSchema>;
export type CheckedRead = Extract<CheckedMessage, { event: 'read' }>['read'];

/** Null: the reader process does not speak as it should. */
export function checkMessage(message: unknown): CheckedMessage | null {
  const parsed = messageSchema.safeParse(message);
  return parsed.success ? parsed.data : null;
}

/**
 * The rows and acks of an answer, each checked. A bad row says so in its `problem`; a bad ack, or a key that does not
 * grow (and would be read again and again), spoils the file.
 */
export function parseRead(read: CheckedRead, after: { afterSeq: number; afterAck: number }): OutboundRead {
  if (read.kind !== 'rows') return read;
  const acks = read.acks.map(parseAck);
  const good = acks.filter((ack) => ack !== null);
  if (good.length < acks.length || !grows(read.rows, after.afterSeq) || !grows(read.acks, after.afterAck)) {
    return {
      kind: 'bad',
      code: 'outbound-corrupt',
      message: 'outbound.db has rows or acks of no known form.',
    };
  }
  return { kind: 'rows', rows: read.rows.map(parseRow), acks: good, more: read.more };
}

function grows(rows: RawValue[][], after: number): boolean {
  let last = after;
  return rows.every(([key]) => {
    if (!Number.isSafeInteger(key) || typeof key !== 'number' || key <= last) return false;
    last = key;
    return true;
  });
}
