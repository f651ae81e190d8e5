import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ChatContent, StoredSender } from '../../../src/db/content.js';
import { INBOUND_SCHEMA, OUTBOUND_SCHEMA } from '../../../src/db/schema.js';

export interface Ack {
  n: number;
  message_id: string;
  status: string;
  incarnation: number;
}
export interface Out {
  seq: number;
  id: string;
  turn_id: string;
  in_reply_to: string | null;
  kind: string;
  channel_type: string;
  platform_id: string;
  thread_id: string;
  content: Record<string, unknown>;
}
export interface Said {
  id?: string;
  kind?: 'chat' | 'task' | 'system';
  trigger?: 0 | 1;
  chat?: string;
  thread?: string;
  at?: number;
  processAfter?: number;
  platformMessageId?: string;
  content?: Partial<ChatContent>;
  sender?: Partial<StoredSender>;
  raw?: string;
}

/** A session's folder, as the host makes it, with the host's hands on it. */
export function createSession() {
  const root = mkdtempSync(join(tmpdir(), 'wharfie-runner-'));
  for (const folder of ['in/files', 'db', 'out/files', 'home', 'agent', 'global'])
    mkdirSync(join(root, folder), { recursive: true });
  const inbound = new Database(join(root, 'in/inbound.db'));
  inbound.pragma('journal_mode = DELETE');
  inbound.exec(INBOUND_SCHEMA);
  const outboundFile = join(root, 'db/outbound.db');
  const made = new Database(outboundFile);
  made.pragma('journal_mode = TRUNCATE');
  made.exec(OUTBOUND_SCHEMA);
  made.close();
  writeFileSync(`${outboundFile}-journal`, '', { flag: 'a' });
  const outbound = new Database(outboundFile, { readonly: true });
  let count = 0;

  const insert = (text: string, said: Said) => {
    count += 1;
    const id = said.id ?? `in_${count}`;
    const at = said.at ?? Date.UTC(2026, 10, 22, 8, 5);
    const content = {
      text,
      chat: 'Home',
      event: 'message',
      replyTo: null,
      attachments: [],
      problems: [],
      at,
    };
    const sender = { id: 'cli:ada', name: 'Ada', role: 'owner', ...said.sender };
    inbound
      .prepare(`INSERT INTO messages_in (id, seq, kind, trigger, process_after, channel_type, platform_id, thread_id,
        platform_message_id, sender, content, created_at) VALUES (?, ?, ?, ?, ?, 'cli', ?, ?, ?, ?, ?, ?)`)
      .run(
        ...[id, count * 2, said.kind ?? 'chat', said.trigger ?? 1, said.processAfter ?? null],
        ...[said.chat ?? 'cli:local', said.thread ?? '', said.platformMessageId ?? null],
        ...[JSON.stringify(sender), said.raw ?? JSON.stringify({ ...content, ...said.content }), at],
      );
    return id;
  };

  const mounts = {
    '/workspace/in': join(root, 'in'),
    '/workspace/outbound.db': outboundFile,
    '/workspace/outbound.db-journal': `${outboundFile}-journal`,
    '/workspace/out': join(root, 'out'),
    '/workspace/agent': join(root, 'agent'),
    '/workspace/global': join(root, 'global'),
    '/home/node': join(root, 'home'),
  };
  return {
    root,
    inbound,
    outboundFile,
    mounts,
    home: join(root, 'home'),
    path: (name: string) => join(root, name),
    say: (text: string, said: Said = {}) => insert(text, said),
    task: (prompt: string, said: Said = {}) =>
      insert('', { ...said, kind: 'task', raw: JSON.stringify({ prompt, chat: 'Home' }) }),
    news: (text: string, said: Said = {}) =>
      insert('', { trigger: 0, ...said, kind: 'system', raw: JSON.stringify({ type: 'news', text }) }),
    newConversation: () => insert('', { kind: 'system', raw: JSON.stringify({ type: 'new_conversation' }) }),
    setStatus: (id: string, status: string) =>
      inbound.prepare('UPDATE messages_in SET status = ? WHERE id = ?').run(status, id),
    out: (): Out[] =>
      outbound
        .prepare<[], Omit<Out, 'content'> & { content: string }>('SELECT * FROM messages_out ORDER BY seq')
        .all()
        .map((row) => ({ ...row, content: JSON.parse(row.content) as Record<string, unknown> })),
    texts(): unknown[] {
      return this.out().map((row) => row.content.text ?? row.content.action ?? row.content.type);
    },
    acks: (): Ack[] => outbound.prepare<[], Ack>('SELECT * FROM processing_ack ORDER BY n').all(),
    ack(id: string): string | undefined {
      return this.acks().find((ack) => ack.message_id === id)?.status;
    },
    state: (key: string): string | undefined =>
      outbound.prepare<[string], string>('SELECT value FROM session_state WHERE key = ?').pluck().get(key),
    env: (more: Record<string, string> = {}) => ({
      WHARFIE_SESSION_ID: 'ses_test',
      WHARFIE_INCARNATION: '1',
      WHARFIE_MODE: 'run',
      WHARFIE_PROVIDER: 'mock',
      WHARFIE_ASSISTANT_NAME: 'Andy',
      TZ: 'Europe/Berlin',
      HOME: join(root, 'home'),
      WHARFIE_MOUNTS: JSON.stringify(mounts),
      ...more,
    }),
    remove() {
      inbound.close();
      outbound.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
    },
  };
}

export type TestSession = ReturnType<typeof createSession>;
