import type { Destination } from '../db/destinations.js';
import type { Session } from '../db/types.js';
import { chatContentSchema, type OutboundRead } from '../outbound-reader/types.js';
import type { Asked } from '../questions/types.js';
import { addressOf } from './address.js';
import { outKey } from './record.js';
import type { DeliveryDeps } from './types.js';

/** The questions among what a container wrote, each with the chat in which it will be asked. */
export function askedIn(
  read: Extract<OutboundRead, { kind: 'rows' }>,
  session: Session,
  deps: { sessions: Pick<DeliveryDeps['sessions'], 'read'>; reachable: readonly Destination[] },
): Asked[] {
  return read.rows.flatMap((row) => {
    if (row.kind !== 'chat' || row.content === null || !('type' in row.content)) return [];
    const content = chatContentSchema.safeParse(row.content).data;
    if (!content || !('type' in content) || content.type !== 'ask_question') return [];
    const place = deps.sessions.read(session.id, (db) => addressOf(db, row, content, deps.reachable));
    if (place.kind === 'refused') return [];
    const { questionId, title, question: text, options, timeoutMs } = content;
    const question = [title, text].filter(Boolean).join(': ').slice(0, 500);
    return [
      {
        sessionId: session.id,
        messageKey: outKey(row),
        to: place.to,
        questionId,
        question,
        options,
        timeoutMs,
      },
    ];
  });
}
