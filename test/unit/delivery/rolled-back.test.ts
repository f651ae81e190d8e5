import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { insertNotice } from '../../../src/db/inbound/notices.js';
import { createWorld, settle } from './world.js';

const to = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

test('a notice whose transaction did not hold is not said, though it was seen before the commit', async () => {
  const world = createWorld();
  const { id: sessionId } = world.session;
  const reader = new Database(world.manager.paths(world.session).inboundDb, { readonly: true });
  onTestFinished(() => void reader.close());
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM notices').get();
  const notice = { id: 'ntc_x', to, text: 'given up', afterSeq: 0, dedupeKey: null };
  const failed = world.manager
    .write(sessionId, (db) => void insertNotice(db, notice, world.clock.now()))
    .then(
      () => 'committed',
      (error: { code: string }) => {
        reader.exec('COMMIT');
        return error.code;
      },
    );
  await settle();
  await world.drain();
  await world.pass(40_000, 100);
  expect(await failed).toBe('session-locked');
  expect(world.said()).toEqual([]);
  expect(world.ledger()).toEqual([]);
  world.container.say('behind it');
  await world.drain();
  expect(world.said()).toEqual(['behind it']);
});
