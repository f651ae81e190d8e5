import { readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInbound, openOutbound } from '../../../../container/agent-runner/src/db/connection.ts';
import { isLater, loadSqlite, type OpenSqlite } from '../../../../container/agent-runner/src/db/driver.ts';
import { makeJournalHot } from '../hot-journal.js';
import { startRunner } from '../process.js';
import { createSession, type TestSession } from '../session.js';

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

/** SQLite ends a journal by removing it, cutting it to nothing, or, holding the lock for good, zeroing its header. */
function isHot(journal: string): boolean {
  return readFileSync(journal)
    .subarray(0, 8)
    .some((byte) => byte !== 0);
}

const hasNodeSqlite = Number(process.versions.node.split('.')[0]) >= 24;
const drivers: [string, OpenSqlite][] = [
  ['better-sqlite3', loadSqlite('20.0.0')],
  ...(hasNodeSqlite ? [['node:sqlite', loadSqlite('24.0.0')] satisfies [string, OpenSqlite]] : []),
];

describe.each(drivers)('the session files through %s', (_name, open) => {
  let session: TestSession;
  beforeEach(() => {
    session = createSession();
  });
  afterEach(() => session.remove());

  it('rolls a hot journal back without removing the file that holds it', () => {
    makeJournalHot(session.outboundFile);
    const journal = `${session.outboundFile}-journal`;
    expect(isHot(journal)).toBe(true);
    const inode = statSync(journal).ino;
    const reader = new Database(session.outboundFile, { readonly: true });
    const refused = attempt(() => reader.prepare('SELECT count(*) FROM session_state').get());
    expect(refused).toMatchObject({ code: 'SQLITE_READONLY_ROLLBACK' });
    expect(isLater(refused)).toBe(true);
    openOutbound(open, session.outboundFile).close();
    expect(reader.prepare('SELECT count(*) FROM session_state').pluck().get()).toBe(0);
    expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(statSync(journal).ino).toBe(inode);
    expect(isHot(journal)).toBe(false);
    reader.close();
  });

  it('keeps the journal file in place, at length 0, over commits', () => {
    const db = openOutbound(open, session.outboundFile);
    const inode = statSync(`${session.outboundFile}-journal`).ino;
    db.exec(`INSERT INTO session_state VALUES ('a', 'b', 0)`);
    expect(statSync(`${session.outboundFile}-journal`)).toMatchObject({ ino: inode, size: 0 });
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    db.close();
  });

  it('opens the inbox for reading only, and knows a lock of the host as something that passes', () => {
    const file = session.path('in/inbound.db');
    const inbound = openInbound((path, options) => open(path, { ...options, busyTimeoutMs: 0 }), file);
    expect(String(attempt(() => inbound.exec('DELETE FROM messages_in')))).toMatch(/readonly/);
    session.inbound.exec('BEGIN EXCLUSIVE');
    expect(isLater(attempt(() => inbound.prepare('SELECT * FROM messages_in').all()))).toBe(true);
    session.inbound.exec('COMMIT');
    expect(inbound.prepare('SELECT * FROM messages_in').all()).toEqual([]);
    inbound.close();
  });

  it('does not make a file that is missing, and does not wait for other errors', () => {
    const missing = attempt(() => open(session.path('nothing.db'), { readOnly: true, busyTimeoutMs: 0 }));
    expect(missing).toBeInstanceOf(Error);
    expect(isLater(missing)).toBe(false);
  });
});

it('a recover container rolls back, does nothing else, and ends', async () => {
  const session = createSession();
  session.say('hello');
  makeJournalHot(session.outboundFile);
  const runner = startRunner(session, { WHARFIE_MODE: 'recover' });
  expect(await runner.gone).toEqual({ code: 0, signal: null });
  expect(isHot(`${session.outboundFile}-journal`)).toBe(false);
  expect(session.acks()).toEqual([]);
  session.remove();
});
