import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createOutbound } from '../../../src/db/inbound/index.js';
import { createOutboundReader, type OutboundReaderDeps } from '../../../src/outbound-reader/index.js';
import type { OutboundRead, OutboundRow } from '../../../src/outbound-reader/types.js';

const silent = pino({ level: 'silent' });

export function temporaryFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-outbound-'));
  chmodSync(dir, 0o711);
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A fresh outbound.db. */
export function outboundFile(dir = temporaryFolder(), name = 'outbound.db'): string {
  const file = join(dir, name);
  createOutbound(file);
  return file;
}

/** The real reader in its real process; `ask` gives what a session's whole file holds. */
export function reader(deps: Partial<OutboundReaderDeps> = {}) {
  const started = sharedReader(deps);
  onTestFinished(() => started.client.close());
  return started;
}

/** One that outlives a test: the file that makes it closes it. */
export function sharedReader(deps: Partial<OutboundReaderDeps> = {}) {
  // Where a hang is not what is tested, a loaded machine must not look like one.
  const defaults = { sessionsDir: tmpdir(), clock: systemClock, log: silent, deadlineMs: 10_000 };
  const client = createOutboundReader({ ...defaults, ...deps });
  const ask = (file: string, afterSeq = 0, afterAck = 0): Promise<OutboundRead> =>
    client.read({ sessionId: file, file, afterSeq, afterAck });
  return { client, ask };
}

/** As the runner opens its file. */
export function writer(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('journal_mode = TRUNCATE');
  onTestFinished(() => void db.close());
  return db;
}

export function say(
  db: Database.Database,
  seq: number | bigint,
  content: unknown = JSON.stringify({ text: `${seq}` }),
) {
  db.prepare(
    `INSERT INTO messages_out (seq, id, incarnation, turn_id, kind, channel_type, platform_id, content, created_at)
     VALUES (?, ?, 1, 't1', 'chat', 'cli', 'cli:local', ?, 1000)`,
  ).run(seq, `out_${seq}`, content);
}

export function rowsOf(read: OutboundRead): OutboundRow[] {
  if (read.kind !== 'rows') throw new Error(`expected rows, got ${JSON.stringify(read)}`);
  return read.rows;
}
