import { describe, expect, it } from 'vitest';
import { getSession } from '../../../src/db/central/sessions.js';
import { createWorld, settle } from './world.js';

const CRASH = { exitCode: 1 };

async function oneRunning(options: Parameters<typeof createWorld>[0] = {}) {
  const world = createWorld(options);
  const id = world.add();
  await world.say(id);
  world.runner.wake(id);
  await settle();
  return { world, id };
}

describe('exits', () => {
  it('starts again at once, as a new incarnation, when work is left', async () => {
    const { world, id } = await oneRunning();
    world.container(id)?.exit(CRASH);
    await settle();
    expect(world.exits).toEqual([{ sessionId: id, incarnation: 1, reason: null, exitCode: 1 }]);
    expect(world.runner.incarnation(id)).toBe(2);
  });

  it('forgets the session and closes its door when nothing is left', async () => {
    const { world, id } = await oneRunning({ provider: 'claude' });
    await world.answer(id);
    world.container(id)?.exit();
    await settle();
    expect(world.runner.isScheduled(id)).toBe(false);
    expect(world.calls.at(-1)).toBe(`close ${id}`);
    expect(world.opened).toEqual(new Set());
    expect(getSession(world.central, id)?.containerState).toBe('stopped');
  });

  it('waits longer and longer in a crash loop, and says so', async () => {
    const { world, id } = await oneRunning();
    const startsAfter: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const before = world.clock.monotonic();
      world.container(id)?.exit(CRASH);
      await settle();
      while (!world.runner.isUp(id)) await world.clock.advance(500);
      await settle();
      startsAfter.push(world.clock.monotonic() - before);
    }
    expect(startsAfter).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 32_000]);
    expect(world.blocked).toEqual(Array(2).fill({ sessionId: id, code: 'crash-loop' }));
  });

  it('takes a crash after a minute of service for a new one', async () => {
    const { world, id } = await oneRunning();
    for (let round = 0; round < 3; round += 1) {
      await world.clock.advance(60_000);
      world.container(id)?.exit(CRASH);
      await settle();
      expect(world.runner.isUp(id)).toBe(true);
    }
  });

  it('takes a crash after a stop of ours for a new one', async () => {
    const { world, id } = await oneRunning();
    world.container(id)?.exit(CRASH);
    await settle();
    await world.runner.stop(id, 'asked');
    await settle();
    world.container(id)?.exit(CRASH);
    await settle();
    expect(world.runner.incarnation(id)).toBe(4);
  });

  it('does not start again before the exit is worked off', async () => {
    const { world, id } = await oneRunning();
    let release = () => {};
    world.runner.onExit(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    world.container(id)?.exit(CRASH);
    await settle();
    world.runner.wake(id);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
    expect(world.runner.isUp(id)).toBe(false);
    release();
    await settle();
    expect(world.engine.starts).toHaveLength(2);
  });

  it('goes on when working an exit off fails or never ends', async () => {
    const { world, id } = await oneRunning();
    world.runner.onExit(() => Promise.reject(new Error('disk full')));
    world.container(id)?.exit(CRASH);
    await settle();
    expect(world.engine.starts).toHaveLength(2);
    world.runner.onExit(() => new Promise(() => {}));
    world.container(id)?.exit(CRASH);
    await world.clock.advance(60_000);
    await world.clock.advance(1000);
    await settle();
    expect(world.engine.starts).toHaveLength(3);
  });
});

describe('stop', () => {
  it('ends the container, resolves when it is gone, and starts again for what is open', async () => {
    const { world, id } = await oneRunning();
    const report = await world.runner.stop(id, 'turn-too-long');
    expect(report?.exitCode).toBe(0);
    await settle();
    expect(world.exits).toEqual([{ sessionId: id, incarnation: 1, reason: 'turn-too-long', exitCode: 0 }]);
    expect(world.runner.incarnation(id)).toBe(2);
  });

  it('kills after its grace, or sooner when it is asked again', async () => {
    const { world, id } = await oneRunning({ program: (container) => container.onStop(() => {}) });
    const first = world.runner.stop(id, 'idle', 10_000);
    await world.clock.advance(9000);
    expect(world.runner.isUp(id)).toBe(true);
    const second = world.runner.stop(id, 'lock-held', 0);
    expect(await second).toMatchObject({ signal: 'SIGKILL' });
    expect(await first).toMatchObject({ signal: 'SIGKILL' });
  });

  it('ends, as soon as it is up, a container that was on its way', async () => {
    const world = createWorld({ provider: 'claude' });
    const id = world.add();
    await world.say(id);
    let release = () => {};
    world.setDoor(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    world.runner.wake(id);
    await settle();
    const stopped = world.runner.stop(id, 'asked');
    await world.answer(id);
    release();
    expect(await stopped).toMatchObject({ exitCode: 0 });
    await settle();
    expect(world.engine.starts).toHaveLength(1);
    expect(world.runner.isScheduled(id)).toBe(false);
  });

  it('starts none that was stopped before it was made, and then the one for what is left', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id);
    const release = world.engine.holdStarts();
    world.runner.wake(id);
    await settle();
    const stopped = world.runner.stop(id, 'asked');
    release();
    expect(await stopped).toBeNull();
    await settle();
    expect(world.engine.starts).toHaveLength(1);
    expect(world.runner.isUp(id)).toBe(true);
  });

  it('says null where nothing runs', async () => {
    const world = createWorld();
    expect(await world.runner.stop(world.add(), 'asked')).toBeNull();
  });
});
