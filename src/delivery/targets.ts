import { z } from 'zod';
import type { InboundDb } from '../db/inbound.js';
import { ownMessageBySeq } from '../db/ledger-targets.js';
import { getMessage, getMessageBySeq } from '../db/messages-in.js';
import type { Address } from '../db/types.js';

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
  const there =
    message?.channelType === to.channelType &&
    message.platformId === to.platformId &&
    message.threadId === to.threadId;
  // A reaction or a click has an id of its own, which is no message that could be answered.
  return there && saidSomething(message.content) ? message.platformMessageId : null;
}
