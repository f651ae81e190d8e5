import type { OpenDelivery } from '../db/inbound/ledger.js';
import { noticeOf, noticeText } from '../db/inbound/notices.js';
import type { ChatContent, OutboundRow } from '../outbound-reader/types.js';
import { chatContentSchema } from '../outbound-reader/types.js';
import type { SessionQueue } from './session-queue.js';
import { receivedPlatformId, targetIds } from './targets.js';
import type { DeliveryDeps } from './types.js';

/** What an entry of the ledger says. */
export type Said =
  | { kind: 'content'; content: ChatContent; replyTo: string | null; targetIds: string[] }
  /** The container's file does not hold it any more. */
  | { kind: 'gone' }
  /** The file cannot be read just now. */
  | { kind: 'later' };

/** Looks up what to say: a notice in inbound.db, a message of the agent in its file where it is not at hand. */
export async function contentOf(
  queue: SessionQueue,
  entry: OpenDelivery,
  deps: Pick<DeliveryDeps, 'sessions' | 'reader' | 'containers'>,
): Promise<Said> {
  const { sessions } = deps;
  const noticeId = noticeOf(entry.key);
  if (noticeId !== null) {
    const text = sessions.read(queue.sessionId, (db) => noticeText(db, noticeId));
    if (text === undefined) return { kind: 'gone' };
    return { kind: 'content', content: { text, files: [] }, replyTo: null, targetIds: [] };
  }
  const row = queue.row(entry.key) ?? (await readAgain(queue, entry, deps));
  if (typeof row === 'string') return { kind: row };
  const content = chatContentSchema.safeParse(row.content);
  if (!content.success) return { kind: 'gone' };
  return sessions.read(queue.sessionId, (db) => ({
    kind: 'content' as const,
    content: content.data,
    replyTo: receivedPlatformId(db, row.inReplyTo, entry.to),
    targetIds: 'operation' in content.data ? targetIds(db, content.data.messageId) : [],
  }));
}

async function readAgain(
  queue: SessionQueue,
  entry: OpenDelivery,
  { sessions, reader, containers }: Pick<DeliveryDeps, 'sessions' | 'reader' | 'containers'>,
): Promise<OutboundRow | 'gone' | 'later'> {
  const { sessionId } = queue;
  const session = sessions.get(sessionId);
  if (!session) return 'gone';
  const file = sessions.paths(session).outboundDb;
  const afterAck = Number.MAX_SAFE_INTEGER;
  const read = await reader.read({ sessionId, file, afterSeq: entry.seq - 1, afterAck });
  if (read.kind === 'recover') await containers.recover(sessionId);
  if (read.kind !== 'rows') return 'later';
  for (const row of read.rows) if (queue.has(`out:${row.id}`, 0)) queue.keepRow(`out:${row.id}`, row);
  const [row] = read.rows;
  return row && row.seq === entry.seq && `out:${row.id}` === entry.key ? row : 'gone';
}
