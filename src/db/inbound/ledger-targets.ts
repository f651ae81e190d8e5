import type { Address } from '../../address.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';

/** A message that the agent names by its `seq`, as the platform knows it. */
export interface MessageTarget {
  to: Address;
  /** The platform's ids of its parts, in order; empty: it has not arrived, or has no id there. */
  messageIds: string[];
}

interface Row extends Address {
  platformMessageId: string | null;
}

const statements = perHandle((db) => ({
  own: db.prepare<[number], Row>(
    `SELECT channel_type AS channelType, platform_id AS platformId, thread_id AS threadId,
       platform_message_id AS platformMessageId
     FROM delivered WHERE seq = ? AND key LIKE 'out:%' AND part < 1000 ORDER BY part`,
  ),
  ofKey: db.prepare<[string], { id: string }>(
    'SELECT platform_message_id AS id FROM delivered WHERE key = ? AND platform_message_id IS NOT NULL ORDER BY part',
  ),
  recorded: db.prepare<[string, string, string], unknown>(
    'SELECT 1 FROM delivered WHERE platform_message_id = ? AND channel_type = ? AND platform_id = ?',
  ),
}));

/** One of the agent's own messages, by its (odd) `seq`; undefined: it never said anything under that number. */
export function ownMessageBySeq(db: InboundDb, seq: number): MessageTarget | undefined {
  const rows = statements(db).own.all(seq);
  const [first] = rows;
  if (!first) return undefined;
  const { channelType, platformId, threadId } = first;
  return {
    to: { channelType, platformId, threadId },
    messageIds: rows.flatMap((row) => row.platformMessageId ?? []),
  };
}

/** The platform's ids of a message, by its ledger key; empty: it has not arrived, or has no id there. */
export function messageIdsOf(db: InboundDb, key: string): string[] {
  return statements(db)
    .ofKey.all(key)
    .map((row) => row.id);
}

/** True: it is the platform's id of a message of this session. */
export function isRecorded(db: InboundDb, { channelType, platformId }: Address, id: string): boolean {
  return statements(db).recorded.get(id, channelType, platformId) !== undefined;
}
