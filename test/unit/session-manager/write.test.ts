import { execFileSync } from 'node:child_process';
import Database from 'better-sqlite3';
import { expect, test, vi } from 'vitest';
import { sessionsDue } from '../../../src/db/central/session-runs.js';
import { getSession } from '../../../src/db/central/sessions.js';
import { applyAcks, getMessage, insertMessage } from '../../../src/db/inbound/messages-in.js';
import { chat, workspace } from './workspace.js';

/** How many transactions changed the file: its change counter, read by a process that holds no lock on it. */
const commits = (file: string) =>
  Buffer.from(execFileSync('dd', [`if=${file}`, 'bs=1', 'skip=24', 'count=4', 'status=none'])).readUInt32BE();

test('calls that arrive together share one commit, in their order; a failing one changes nothing', async () => {
  const { resolve, manager } = workspace();
  const { id } = resolve();
  const { inboundDb } = manager.paths(resolve());
  await manager.write(id, (db) => insertMessage(db, chat('0')));
  const before = commits(inboundDb);
  const results = await Promise.allSettled([
    manager.write(id, (db) => insertMessage(db, chat('1'))),
    manager.write(id, (db) => {
      insertMessage(db, chat('lost'));
      throw new Error('no');
    }),
    manager.write(id, (db) => insertMessage(db, chat('2'))),
    manager.write(id, (db) => insertMessage(db, chat('1'))),
  ]);
  expect(commits(inboundDb)).toBe(before + 1);
  expect(results).toMatchObject([
    { status: 'fulfilled', value: { seq: 4, inserted: true } },
    { status: 'rejected', reason: { message: 'no' } },
    { status: 'fulfilled', value: { seq: 6, inserted: true } },
    { status: 'fulfilled', value: { seq: 4, inserted: false } },
  ]);
  expect(manager.read(id, (db) => manager.nextSeq(db))).toBe(8);
});

test('it resolves after the commit: another process sees the row', async () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  const { id } = await manager.write(session.id, (db) => insertMessage(db, chat('1')));
  const other = new Database(manager.paths(session).inboundDb, { readonly: true });
  expect(getMessage(other, id)).toMatchObject({ platformMessageId: '1', status: 'pending' });
  other.close();
});

test('a commit outlives a power cut: what its journal mode needs for that is synced', async () => {
  const { resolve, manager, db } = workspace();
  const settings = (of: Database.Database) =>
    ['journal_mode', 'synchronous'].map((name) => of.pragma(name, { simple: true }));
  const EXTRA = 3;
  const FULL = 2;
  expect(await manager.write(resolve().id, settings)).toEqual(['delete', EXTRA]);
  expect(settings(db)).toEqual(['wal', FULL]);
});

test('the due time comes down before the commit and is exact after it', async () => {
  const seen: [number | null, number][] = [];
  const { db, resolve, manager } = workspace({
    onDue: (id, dueAt) => {
      const file = new Database(manager.paths(resolve()).inboundDb, { readonly: true });
      const rows = file.prepare<[], number>('SELECT count(*) FROM messages_in').pluck().get() ?? -1;
      file.close();
      expect(getSession(db, id)?.nextDueAt).toBe(dueAt);
      seen.push([dueAt, rows]);
    },
  });
  const { id } = resolve();
  const message = await manager.write(id, (inbound) => insertMessage(inbound, chat('1', { createdAt: 700 })));
  expect(seen).toEqual([[700, 0]]);
  await manager.write(id, (inbound) =>
    applyAcks(inbound, [{ messageId: message.id, status: 'done', incarnation: 1 }], 1),
  );
  expect(seen).toEqual([
    [700, 0],
    [null, 1],
  ]);
  await manager.write(id, () => {}, { dueAt: 300 });
  expect(seen.slice(2)).toEqual([
    [300, 1],
    [null, 1],
  ]);
});

test('a full disk is told as such, and the next write goes on', async () => {
  const { resolve, manager } = workspace();
  const { id } = resolve();
  const full = manager.write(id, (db) => {
    db.pragma('max_page_count = 1');
    for (let n = 0; n < 200; n += 1) insertMessage(db, chat(`${n}`));
  });
  await expect(full).rejects.toMatchObject({ code: 'disk-full', fix: expect.stringContaining('space') });
  const next = manager.write(id, (db) => {
    db.pragma('max_page_count = 1000000');
    return insertMessage(db, chat('1'));
  });
  await expect(next).resolves.toMatchObject({ seq: 2, inserted: true });
});

test('a write after close is refused; one before it is done', async () => {
  const { resolve, manager } = workspace();
  const { id } = resolve();
  const early = manager.write(id, (db) => insertMessage(db, chat('1')));
  const closing = manager.close();
  await expect(early).resolves.toMatchObject({ seq: 2 });
  await closing;
  await expect(manager.write(id, (db) => insertMessage(db, chat('2')))).rejects.toMatchObject({
    code: 'session-closed',
  });
});

test('the hints of sessions that are written to together share one commit, and stand before any file is written', async () => {
  const stages: string[] = [];
  const { db, resolve, manager } = workspace({ onDue: (_, dueAt) => void stages.push(`hint ${dueAt}`) });
  const ids = ['a', 'b', 'c'].map((thread) => resolve(thread, 'per-thread').id);
  const begun = vi.spyOn(db, 'transaction');
  const write = (id: string, index: number) =>
    manager.write(
      id,
      (inbound) => {
        stages.push('change');
        return insertMessage(inbound, chat('1', { createdAt: 10 + index }));
      },
      { dueAt: 10 + index },
    );
  await Promise.all(ids.map(write));
  expect(stages).toEqual(['hint 10', 'hint 11', 'hint 12', 'change', 'change', 'change']);
  expect(begun).toHaveBeenCalledOnce();
  expect(ids.map((id) => getSession(db, id)?.nextDueAt)).toEqual([10, 11, 12]);
});

test('a host that ends at the very commit is started again for what it wrote', async () => {
  const { db, resolve, manager } = workspace();
  const session = resolve();
  const { inboundDb } = manager.paths(session);
  const rows = () => {
    const file = new Database(inboundDb, { readonly: true });
    const count = file.prepare<[], number>('SELECT count(*) FROM messages_in').pluck().get();
    file.close();
    return count ?? 0;
  };
  // From the commit on nothing more gets into the central database.
  db.function('committed', rows);
  db.exec(`CREATE TEMP TRIGGER dead BEFORE UPDATE OF next_due_at ON sessions WHEN committed() > 0
    BEGIN SELECT RAISE(ABORT, 'this host has ended'); END`);
  await manager.write(session.id, (inbound) => insertMessage(inbound, chat('1', { createdAt: 700 })));
  expect(rows()).toBe(1);
  const beginning = { nextDueAt: Number.MIN_SAFE_INTEGER, id: '' };
  expect(sessionsDue(db, beginning, 700, 10).map(({ id }) => id)).toEqual([session.id]);
});
