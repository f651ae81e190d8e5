import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { SessionPaths } from '../../../src/session-manager.js';

export interface Said {
  id?: string;
  to?: string;
  threadId?: string;
  channelType?: string;
  kind?: 'chat' | 'system';
  deliverAfter?: number;
  inReplyTo?: string;
}

/** Writes outbound.db as a container does. */
export function createContainer(paths: SessionPaths) {
  const db = new Database(paths.outboundDb);
  db.pragma('journal_mode = TRUNCATE');
  onTestFinished(() => void db.close());
  let seq = 1;
  const put = (content: unknown, row: Said = {}) => {
    const mine = seq;
    seq += 2;
    const id = row.id ?? `out_${mine}`;
    db.prepare(
      `INSERT INTO messages_out (seq, id, incarnation, turn_id, in_reply_to, kind, deliver_after, channel_type,
         platform_id, thread_id, content, created_at) VALUES (?, ?, 1, 't', ?, ?, ?, ?, ?, ?, ?, 1)`,
    ).run(
      ...([mine, id, row.inReplyTo ?? null, row.kind ?? 'chat', row.deliverAfter ?? null] as const),
      ...([row.channelType ?? 'fake', row.to ?? 'fake:1', row.threadId ?? ''] as const),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    return mine;
  };
  return {
    db,
    /** Any content; gives the row's seq. */
    put,
    say: (text: string, row: Said = {}) => put({ text }, row),
    act: (request: { action: string } & Record<string, unknown>) => put(request, { kind: 'system' }),
    ack(messageId: string, status: 'processing' | 'done' | 'failed') {
      db.prepare(
        `INSERT OR REPLACE INTO processing_ack (message_id, status, incarnation, changed_at) VALUES (?, ?, 1, 1)`,
      ).run(messageId, status);
    },
  };
}
