import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSqlite } from '../../../../container/agent-runner/src/db/driver.ts';
import { startLoop, type TestLoop } from '../loop.js';
import { createSession, type TestSession } from '../session.js';

const sqlite = loadSqlite();
let session: TestSession;
let run: TestLoop;
beforeEach(async () => {
  session = createSession();
  run = await startLoop(session, {}, (file, options) => sqlite(file, { ...options, busyTimeoutMs: 0 }));
});
afterEach(async () => {
  await run.stop();
  session.remove();
});

it('looks again soon after the host held its file', async () => {
  const id = session.say('hello');
  session.inbound.exec('BEGIN EXCLUSIVE');
  await run.settle();
  await run.clock.advance(600);
  expect(session.acks()).toEqual([]);
  session.inbound.exec('COMMIT');
  await run.clock.advance(200);
  expect(session.ack(id)).toBe('done');
});

it('keeps an answer that it cannot write at once, and writes it once', async () => {
  const id = session.say('!sleep 1000 ;; !reply here');
  await run.until(() => session.ack(id) === 'processing');
  const reader = new Database(session.outboundFile, { readonly: true });
  reader.exec('BEGIN; SELECT count(*) FROM messages_out;');
  await run.clock.advance(10_000);
  expect(reader.prepare('SELECT count(*) FROM messages_out').pluck().get()).toBe(0);
  reader.exec('COMMIT');
  reader.close();
  await run.clock.advance(1_000);
  expect(session.ack(id)).toBe('done');
  expect(session.texts()).toEqual(['here']);
});

it('ends where the file stays locked: the host starts it anew', async () => {
  const id = session.say('!sleep 1000 ;; !reply late');
  await run.until(() => session.ack(id) === 'processing');
  const reader = new Database(session.outboundFile, { readonly: true });
  reader.exec('BEGIN; SELECT count(*) FROM messages_out;');
  const failed = expect(run.ended).rejects.toThrow(/locked/);
  await run.clock.advance(120_000);
  await failed;
  reader.close();
  run = await startLoop(session);
  await run.clock.advance(1_000);
  expect(session.ack(id)).toBe('done');
});
