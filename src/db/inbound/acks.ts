import type { InboundDb } from './index.js';
import { settleMessage } from './message-status.js';

/** An ack as the outbound reader gives it. */
export interface Ack {
  messageId: string;
  status: 'processing' | 'done' | 'failed';
  incarnation: number;
}

export interface AppliedAcks {
  /** Messages that these acks ended. */
  done: string[];
  failed: string[];
  /** Messages claimed by the running incarnation; a claim of another one is void. */
  processing: string[];
}

/**
 * Copies acks into `messages_in.status`; again and again changes nothing. `done` and `failed` count whatever their
 * incarnation (a committed row is valid), and never bring back a message that was cancelled.
 */
export function applyAcks(db: InboundDb, acks: readonly Ack[], incarnation: number | null): AppliedAcks {
  const applied: AppliedAcks = { done: [], failed: [], processing: [] };
  for (const ack of acks) {
    if (ack.status === 'processing') {
      if (ack.incarnation === incarnation) applied.processing.push(ack.messageId);
    } else if (settleMessage(db, ack.messageId, ack.status)) {
      applied[ack.status].push(ack.messageId);
    }
  }
  return applied;
}
