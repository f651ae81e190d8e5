import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { spillInto, sqliteProcess } from '../../fakes/sqlite-process.js';
import { chat, workspace } from './workspace.js';

const READING = "db.exec('BEGIN'); db.prepare('SELECT * FROM messages_in').all()";

/** A write that says when it is done. */
function watched(write: Promise<unknown>) {
  const state = { done: false };
  void write.then(
    () => {
      state.done = true;
    },
    () => {},
  );
  return state;
}

test('a reader that holds its lock delays this session and nothing else; after 3 s its holder is named once', async () => {
  const { resolve, manager, clock, stuck } = workspace();
  const held = resolve('held', 'per-thread');
  const free = resolve('free', 'per-thread');
  const reader = await sqliteProcess(manager.paths(held).inboundDb, READING);
  let runs = 0;
  const write = manager.write(held.id, (db) => {
    runs += 1;
    return insertMessage(db, chat('1'));
  });
  const state = watched(write);
  await clock.advance(2500);
  await expect(manager.write(free.id, (db) => insertMessage(db, chat('1')))).resolves.toMatchObject({
    seq: 2,
  });
  expect(stuck).toEqual([]);
  await clock.advance(1500);
  await clock.advance(10_000);
  expect(stuck).toEqual([held.id]);
  const later = manager.write(held.id, (db) => insertMessage(db, chat('2')));
  await reader.kill();
  expect(state.done).toBe(false);
  await clock.advance(400);
  await expect(write).resolves.toMatchObject({ seq: 2, inserted: true });
  await expect(later).resolves.toMatchObject({ seq: 4 });
  expect(runs).toBe(1);
});

test('the wait begins in milliseconds', async () => {
  const { resolve, manager, clock, stuck } = workspace();
  const session = resolve();
  const holder = await sqliteProcess(manager.paths(session).inboundDb, "db.exec('BEGIN IMMEDIATE')");
  const write = manager.write(session.id, (db) => insertMessage(db, chat('1')));
  await clock.advance(0);
  await holder.kill();
  await clock.advance(5);
  await expect(write).resolves.toMatchObject({ seq: 2 });
  expect(stuck).toEqual([]);
});

test('a change larger than the cache writes nothing before its commit', async () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  const { inboundDb } = manager.paths(session);
  const before = statSync(inboundDb).size;
  const during = await manager.write(session.id, (db) => {
    db.pragma('cache_size = 5');
    for (let n = 0; n < 200; n += 1) insertMessage(db, chat(`${n}${'x'.repeat(3000)}`));
    return statSync(inboundDb).size;
  });
  expect(during).toBe(before);
  expect(statSync(inboundDb).size).toBeGreaterThan(600_000);
});

test('a lock that no kill removes is told to whoever wanted to write', async () => {
  const { resolve, manager, clock } = workspace();
  const session = resolve();
  const reader = await sqliteProcess(manager.paths(session).inboundDb, READING);
  const write = manager.write(session.id, (db) => insertMessage(db, chat('1')));
  const refused = expect(write).rejects.toMatchObject({
    code: 'session-locked',
    fix: expect.stringContaining('fuser'),
  });
  await clock.advance(31_000);
  await refused;
  await reader.kill();
  const again = manager.write(session.id, (db) => insertMessage(db, chat('1')));
  await clock.advance(10);
  await expect(again).resolves.toMatchObject({ seq: 2, inserted: true });
});

test('going down does not wait for a lock for ever', async () => {
  const { resolve, manager, clock } = workspace();
  const session = resolve();
  await sqliteProcess(manager.paths(session).inboundDb, READING);
  const refused = expect(
    manager.write(session.id, (db) => insertMessage(db, chat('1'))),
  ).rejects.toMatchObject({
    code: 'session-closed',
  });
  await clock.advance(0);
  const closing = manager.close();
  await clock.advance(2500);
  await closing;
  await refused;
});

test('what a killed host left half written is rolled back at the first use', async () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  await manager.write(session.id, (db) => insertMessage(db, chat('1')));
  manager.release(session.id);
  const { inboundDb } = manager.paths(session);
  const insert =
    "INSERT INTO messages_in (id, seq, kind, trigger, content, created_at) VALUES (?, ?, 'chat', 1, ?, 1)";
  const host = await sqliteProcess(inboundDb, spillInto(insert, { from: 4, step: 2 }));
  await host.kill();
  const readOnly = new Database(inboundDb, { readonly: true });
  expect(() => readOnly.prepare('SELECT * FROM messages_in').all()).toThrowError(
    expect.objectContaining({ code: 'SQLITE_READONLY_ROLLBACK' }),
  );
  readOnly.close();
  expect(manager.read(session.id, (db) => manager.nextSeq(db))).toBe(4);
});
