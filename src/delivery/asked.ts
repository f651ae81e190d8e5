import type { Asked } from '../asks/index.js';
import { behindTurn } from '../db/inbound/behind.js';
import type { Destination } from '../db/inbound/destinations.js';
import type { Session } from '../db/types.js';
import { chatContentSchema, type OutboundRead } from '../outbound-reader/types.js';
import { addressOf } from './address.js';
import { outKey } from './record.js';
import type { DeliveryDeps } from './types.js';

/** The questions among what a container wrote, each with the chat in which it will be asked. Before its acks are applied. */
export function askedIn(
  read: Extract<OutboundRead, { kind: 'rows' }>,
  session: Session,
  deps: { sessions: Pick<DeliveryDeps['sessions'], 'read'>; reachable: readonly Destination[]; now: number },
): Asked[] {
  return read.rows.flatMap((row) => {
    if (row.kind !== 'chat' || row.content === null || !('type' in row.content)) return [];
    const content = chatContentSchema.safeParse(row.content).data;
    if (!content || !('type' in content) || content.type !== 'ask_question') return [];
    const { place, behind } = deps.sessions.read(session.id, (db) => ({
      place: addressOf(db, row, content, deps.reachable),
      behind: behindTurn(db, row, deps.now),
    }));
    if (place.kind === 'refused') return [];
    const { questionId, title, question: text, options, timeoutMs, for: askedFor = 'asker' } = content;
    const question = [title, text].filter(Boolean).join(': ').slice(0, 500);
    return [
      {
        sessionId: session.id,
        messageKey: outKey(row),
        to: place.to,
        questionId,
        question,
        options,
        askedFor,
        behind,
        timeoutMs,
      },
    ];
  });
}
