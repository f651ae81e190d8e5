import type { Address } from '../../address.js';
import { newId } from '../../ids.js';
import type { ChatContent, StoredSender, SystemContent, TaskContent } from '../content.js';
import { perHandle } from '../per-handle.js';
import type { Behind } from './behind.js';
import type { InboundDb } from './index.js';

export { type Ack, type AppliedAcks, applyAcks } from './acks.js';
export {
  cancelOpen,
  failMessages,
  hasOpenWork,
  type OpenMessage,
  openMessages,
  trimContext,
} from './message-status.js';
export { nextDueAt } from './next-due.js';

export type MessageStatus = 'pending' | 'done' | 'failed' | 'cancelled' | 'paused';

interface NewMessageBase {
  /** Default: a new one. */
  id?: string;
  /** Who has caused what no person has said here. */
  behind?: Behind | undefined;
  /** 1 wakes the agent, 0 rides along with the next turn. */
  trigger: 0 | 1;
  address: Address;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Not before this moment, epoch milliseconds. */
  processAfter?: number | null;
}

export type NewMessage =
  | (NewMessageBase & {
      kind: 'chat';
      platformMessageId: string | null;
      sender: StoredSender;
      content: ChatContent;
    })
  | (NewMessageBase & {
      kind: 'task';
      content: TaskContent;
      /** Cron expression. */
      recurrence?: string | null;
      seriesId?: string | null;
    })
  | (NewMessageBase & {
      kind: 'system';
      content: SystemContent;
      /** The platform's event that it was made of, which then is taken in as well. */
      platformMessageId?: string;
    });

/** A row of `messages_in`; `sender` and `content` are JSON of db/content.ts, the sender of what no person said of db/behind.ts. */
export interface MessageIn {
  id: string;
  seq: number;
  kind: 'chat' | 'task' | 'system';
  status: MessageStatus;
  trigger: 0 | 1;
  processAfter: number | null;
  recurrence: string | null;
  seriesId: string | null;
  channelType: string;
  platformId: string;
  threadId: string;
  platformMessageId: string | null;
  sender: string;
  content: string;
  createdAt: number;
}

const SELECT = `SELECT id, seq, kind, status, trigger, process_after AS processAfter, recurrence,
  series_id AS seriesId, channel_type AS channelType, platform_id AS platformId, thread_id AS threadId,
  platform_message_id AS platformMessageId, sender, content, created_at AS createdAt FROM messages_in`;

type InsertRow = Omit<MessageIn, 'status'>;

const sql = perHandle((db) => ({
  nextSeq: db.prepare<[], number>('SELECT ifnull(max(seq), 0) + 2 FROM messages_in').pluck(),
  insert: db.prepare<[InsertRow]>(
    `INSERT INTO messages_in (id, seq, kind, trigger, process_after, recurrence, series_id, channel_type,
       platform_id, thread_id, platform_message_id, sender, content, created_at)
     VALUES (@id, @seq, @kind, @trigger, @processAfter, @recurrence, @seriesId, @channelType, @platformId,
       @threadId, @platformMessageId, @sender, @content, @createdAt) ON CONFLICT DO NOTHING`,
  ),
  byId: db.prepare<[string], MessageIn>(`${SELECT} WHERE id = ?`),
  bySeq: db.prepare<[number], MessageIn>(`${SELECT} WHERE seq = ?`),
  byPlatformId: db.prepare<[string, string, string], MessageIn>(
    `${SELECT} WHERE channel_type = ? AND platform_id = ? AND platform_message_id = ?`,
  ),
}));

/** The next even `seq`; inside a write transaction only. */
export function nextSeq(db: InboundDb): number {
  return sql(db).nextSeq.get() ?? 2;
}

/**
 * Adds a message, once: the same platform message of the same chat (or the same `id`) a second time changes
 * nothing and gives the row that is there.
 */
export function insertMessage(
  db: InboundDb,
  message: NewMessage,
): { inserted: boolean; id: string; seq: number } {
  const row = rowOf(message, nextSeq(db));
  if (sql(db).insert.run(row).changes > 0) return { inserted: true, id: row.id, seq: row.seq };
  const known =
    row.platformMessageId === null
      ? getMessage(db, row.id)
      : (findByPlatformMessage(db, row, row.platformMessageId) ?? getMessage(db, row.id));
  if (!known) throw new Error(`message ${row.id} was neither stored nor found`);
  return { inserted: false, id: known.id, seq: known.seq };
}

function rowOf(message: NewMessage, seq: number): InsertRow {
  const { channelType, platformId, threadId } = message.address;
  return {
    id: message.id ?? newId('in'),
    seq,
    kind: message.kind,
    trigger: message.trigger,
    processAfter: message.processAfter ?? null,
    recurrence: message.kind === 'task' ? (message.recurrence ?? null) : null,
    seriesId: message.kind === 'task' ? (message.seriesId ?? null) : null,
    channelType,
    platformId,
    threadId,
    platformMessageId: message.kind === 'task' ? null : (message.platformMessageId ?? null),
    sender: JSON.stringify(message.kind === 'chat' ? message.sender : (message.behind ?? {})),
    content: JSON.stringify(message.content),
    createdAt: message.createdAt,
  };
}

export function getMessage(db: InboundDb, id: string): MessageIn | undefined {
  return sql(db).byId.get(id);
}

export function getMessageBySeq(db: InboundDb, seq: number): MessageIn | undefined {
  return sql(db).bySeq.get(seq);
}

/** The row of a platform's message, whatever its thread. */
export function findByPlatformMessage(
  db: InboundDb,
  chat: { channelType: string; platformId: string },
  platformMessageId: string,
): MessageIn | undefined {
  return sql(db).byPlatformId.get(chat.channelType, chat.platformId, platformMessageId);
}
