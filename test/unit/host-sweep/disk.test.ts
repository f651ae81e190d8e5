import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createDiskWatch } from '../../../src/host-sweep/disk.js';
import { SessionError } from '../../../src/session-manager.js';
import { createWorld, settle } from '../container-runner/world.js';

/** Two running sessions, and a disk that says what the test tells it to. */
async function setUp() {
  const world = createWorld({ capacity: 2 });
  const told = { bytes: new Map<string, number>(), low: false, measured: [] as string[], tookMs: 0 };
  const watch = createDiskWatch({
    ...{ clock: world.clock, log: pino({ level: 'silent' }), central: world.central },
    ...{ sessions: world.sessions, runner: world.runner },
    disk: {
      isLow: async () => told.low,
      async use({ id }) {
        told.measured.push(id);
        await world.clock.advance(told.tookMs);
        const bytes = told.bytes.get(id) ?? 0;
        if (bytes > 100) throw new SessionError('disk-limit', 'Too much.', 'Delete some.');
        return bytes;
      },
    },
  });
  const ids = [world.add(), world.add()];
  for (const id of ids) {
    await world.say(id);
    world.runner.wake(id);
    await settle();
  }
  const look = async (afterMs: number) => {
    await world.clock.advance(afterMs);
    await watch.look();
    await settle();
  };
  await look(0);
  const [a = '', b = ''] = ids;
  return { world, told, look, a, b };
}

test('a container over its limit is stopped, and no try is charged', async () => {
  const { world, told, look, a, b } = await setUp();
  told.bytes.set(a, 101).set(b, 100);
  await look(2000);
  expect(world.exits).toMatchObject([{ sessionId: a, reason: 'disk-limit' }]);
});

test('each is measured every five seconds, and a large one less often', async () => {
  const { told, look, a, b } = await setUp();
  await look(2000);
  expect(told.measured).toEqual([a, b]);
  await look(4000);
  expect(told.measured).toHaveLength(2);
  told.tookMs = 1000;
  await look(1000);
  expect(told.measured).toHaveLength(4);
  await look(15_000);
  expect(told.measured).toHaveLength(4);
  await look(6000);
  expect(told.measured).toHaveLength(6);
});

test('on a disk that is nearly full the largest is stopped', async () => {
  const { world, told, look, a, b } = await setUp();
  told.bytes.set(a, 10).set(b, 20);
  told.low = true;
  await look(0);
  expect(world.exits).toMatchObject([{ sessionId: b, reason: 'disk-full' }]);
});
