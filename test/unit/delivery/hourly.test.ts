import { expect, test } from 'vitest';
import { createWorld, settle } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

test('a notice that may come again does so after an hour, and not at the turn of one', async () => {
  const world = createWorld();
  const say = (thread: string) => {
    const dedupeKey = { hourly: `blocked:${thread}` };
    return world.delivery().notice(world.session.id, { to: here, text: thread, dedupeKey, code: 'test' });
  };
  const toTheTurn = 3_600_000 - (world.clock.now() % 3_600_000);
  await world.pass(toTheTurn - 1000, 60_000);
  expect(await say('a')).toBe(true);
  await world.pass(2000);
  expect(await say('a')).toBe(false);
  expect(await say('a b')).toBe(true);
  await world.restart();
  await world.pass(3_597_000, 60_000);
  expect(await say('a')).toBe(false);
  await world.pass(1000);
  expect(await say('a')).toBe(true);
  await settle();
  expect(world.said()).toEqual(['a', 'a b', 'a']);
});
