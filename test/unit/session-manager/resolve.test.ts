import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { chat, workspace } from './workspace.js';

test('a session for each mode, the same one each time', () => {
  const { resolve, manager } = workspace();
  const shared = resolve('t1');
  expect(resolve('t2').id).toBe(shared.id);
  expect(shared).toMatchObject({
    agentGroupId: 'ag_1',
    messagingGroupId: 'mg_1',
    threadId: '',
    incarnation: 0,
  });
  const threads = [resolve('t1', 'per-thread'), resolve('t2', 'per-thread'), resolve('t1', 'per-thread')];
  expect(threads.map((session) => session.threadId)).toEqual(['t1', 't2', 't1']);
  expect(threads[2]?.id).toBe(threads[0]?.id);
  const whole = resolve('t1', 'agent-shared');
  expect(whole).toMatchObject({ messagingGroupId: null, threadId: '' });
  expect(new Set([shared.id, ...threads.map((session) => session.id), whole.id]).size).toBe(4);
  expect(manager.get(whole.id)).toEqual(whole);
  expect(manager.get('ses_none')).toBeUndefined();
});

test('its folder appears whole, with both databases, neither in WAL mode', () => {
  const { resolve, manager, home } = workspace();
  const session = resolve();
  const paths = manager.paths(session);
  expect(paths).toMatchObject({
    root: join(home, 'data/v2-sessions/ag_1', session.id),
    group: join(home, 'data/groups/andy'),
    global: join(home, 'groups/global'),
  });
  expect(readdirSync(paths.root).sort()).toEqual(['db', 'home', 'in', 'out']);
  const modes = [paths.inboundDb, paths.outboundDb].map((file) => {
    const db = new Database(file);
    const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").pluck().get();
    const mode = db.pragma('journal_mode', { simple: true });
    db.close();
    return [tables, mode];
  });
  expect(modes).toEqual([
    [6, 'delete'],
    [4, 'delete'],
  ]);
  expect(statSync(paths.outboundJournal).size).toBe(0);
  expect(
    [paths.root, dirname(paths.outboundDb), paths.in].map((path) => statSync(path).mode & 0o777),
  ).toEqual([0o711, 0o711, 0o700]);
});

test('what a crash left unfinished is made again', () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  const { root, inboundDb } = manager.paths(session);
  renameSync(root, `${root}.new`);
  rmSync(join(`${root}.new`, 'in', 'inbound.db'));
  expect(resolve().id).toBe(session.id);
  expect(existsSync(inboundDb)).toBe(true);
  expect(existsSync(`${root}.new`)).toBe(false);
});

test.each([
  ['a lost inbound.db', (file: string) => rmSync(file)],
  ['a foreign inbound.db', (file: string) => writeFileSync(file, 'hello '.repeat(1000))],
  ['half an inbound.db', (file: string) => truncateSync(file, 8192)],
  ['a folder in its place', (file: string) => [rmSync(file), mkdirSync(file)]],
])('%s is told as such and never repaired in silence; other sessions go on', async (_name, spoil) => {
  const { resolve, manager } = workspace();
  const bad = resolve('bad', 'per-thread');
  const good = resolve('good', 'per-thread');
  const { root, inboundDb } = manager.paths(bad);
  spoil(inboundDb);
  const error = {
    code: 'session-corrupt',
    message: expect.stringContaining(root),
    fix: expect.stringContaining('mv '),
  };
  await expect(manager.write(bad.id, (db) => insertMessage(db, chat('1')))).rejects.toMatchObject(error);
  expect(() => manager.read(bad.id, (db) => db.prepare('SELECT * FROM messages_in').all())).toThrowError(
    expect.objectContaining(error),
  );
  await expect(manager.write(good.id, (db) => insertMessage(db, chat('1')))).resolves.toMatchObject({
    seq: 2,
  });
  rmSync(root, { recursive: true });
  await expect(manager.write(bad.id, (db) => insertMessage(db, chat('1')))).resolves.toMatchObject({
    seq: 2,
  });
});

test('a session that nobody knows is a sentence, not a crash', async () => {
  const { manager } = workspace();
  expect(() => manager.read('ses_none', () => 1)).toThrowError(
    expect.objectContaining({ code: 'session-unknown' }),
  );
  await expect(manager.write('ses_none', () => 1)).rejects.toMatchObject({ code: 'session-unknown' });
});
