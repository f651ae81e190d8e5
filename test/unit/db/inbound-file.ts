import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Address } from '../../../src/address.js';
import { createInbound, openInbound } from '../../../src/db/inbound/index.js';
import type { NewMessage } from '../../../src/db/inbound/messages-in.js';

export const cli: Address = { channelType: 'cli', platformId: 'cli:local', threadId: '' };

/** A fresh inbound.db as the host opens it. */
export function inboundFile() {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-inbound-'));
  createInbound(join(dir, 'inbound.db'));
  const db = openInbound(join(dir, 'inbound.db'));
  onTestFinished(() => {
    db.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return db;
}

type Chat = Extract<NewMessage, { kind: 'chat' }>;

export function chat(platformMessageId: string | null, overrides: Partial<Chat> = {}): Chat {
  return {
    ...{ kind: 'chat', trigger: 1, address: cli, platformMessageId, createdAt: 1000 },
    sender: { id: 'cli:owner', name: 'Ada', role: 'owner' },
    content: {
      text: 'hi',
      chat: 'Terminal',
      event: 'message',
      replyTo: null,
      attachments: [],
      problems: [],
      at: 1,
    },
    ...overrides,
  };
}
