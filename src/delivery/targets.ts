import { z } from 'zod';
import { type Address, sameThread } from '../address.js';
import type { InboundDb } from '../db/inbound/index.js';
import { ownMessageBySeq } from '../db/inbound/ledger-targets.js';
import { getMessage, getMessageBySeq } from '../db/inbound/messages-in.js';

/** What the platform calls the message with this `seq`; empty: nothing. */
export function targetIds(db: InboundDb, seq: number): string[] {
  if (seq % 2 === 1) return ownMessageBySeq(db, seq)?.messageIds ?? [];
  const id = getMessageBySeq(db, seq)?.platformMessageId ?? null;
  return id === null ? [] : [id];
}

const eventSchema = z.object({ event: z.literal('message') });

function saidSomething(content: string): boolean {
  return eventSchema.safeParse(JSON.parse(content)).success;
}

/** The platform's id of the received message that is answered, if it stands in the chat where the answer goes. */
export function receivedPlatformId(db: InboundDb, messageId: string | null, to: Address): string | null {
  const message = messageId === null ? undefined : getMessage(db, messageId);
  if (!message || !sameThread(message, to)) return null;
  // A reaction or a click has an id of its own, which is no message that could be answered.
  return saidSomething(message.content) ? message.platformMessageId : null;
}
