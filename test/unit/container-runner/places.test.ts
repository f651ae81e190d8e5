import { describe, expect, it } from 'vitest';
import { createWorld, settle } from './world.js';

async function working(world: ReturnType<typeof createWorld>, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => world.add());
  for (const id of ids) {
    await world.say(id);
    world.runner.wake(id);
    await settle();
    await world.clock.advance(10);
  }
  return ids;
}

describe('places', () => {
  it('starts as many as there are places, and the rest first come, first served', async () => {
    const world = createWorld({ capacity: 2 });
    const [a, b, c, d] = await working(world, 4);
    expect(world.runner.snapshot()).toEqual({ running: [a, b], queued: [c, d], capacity: 2 });
    expect(world.runner.isUp(c ?? '')).toBe(false);
    expect(world.runner.isScheduled(c ?? '')).toBe(true);
    await world.answer(b ?? '');
    world.container(b ?? '')?.exit();
    await settle();
    expect(world.runner.snapshot()).toEqual({ running: [a, c], queued: [d], capacity: 2 });
  });

  it('asks the longest idle to make room, never one that works', async () => {
    const world = createWorld({ capacity: 3 });
    const [a, b, c] = await working(world, 3);
    await world.answer(a ?? '');
    await world.answer(c ?? '');
    world.container(a ?? '')?.ring();
    await settle();
    const [d] = await working(world, 1);
    await settle();
    expect(world.exits).toEqual([{ sessionId: c, incarnation: 1, reason: 'evicted', exitCode: 0 }]);
    expect(world.runner.snapshot().running).toEqual([a, b, d]);
  });

  it('notices within a moment that somebody who was busy is done', async () => {
    const world = createWorld({ capacity: 1 });
    const [a, b] = await working(world, 2);
    await world.answer(a ?? '');
    expect(world.runner.snapshot().running).toEqual([a]);
    await world.clock.advance(250);
    await settle();
    expect(world.runner.snapshot()).toEqual({ running: [b], queued: [], capacity: 1 });
  });

  it('takes a wake for a sign of life as well', async () => {
    const world = createWorld({ capacity: 2 });
    const [a = '', b = ''] = await working(world, 2);
    await world.answer(a);
    await world.answer(b);
    world.runner.wake(a);
    await working(world, 1);
    expect(world.exits.map(({ sessionId }) => sessionId)).toEqual([b]);
  });

  it('evicts no more than are waiting, however long they take to go', async () => {
    const world = createWorld({ capacity: 3, program: (container) => container.onStop(() => {}) });
    const ids = await working(world, 3);
    for (const id of ids) await world.answer(id);
    const [d] = await working(world, 1);
    await world.clock.advance(11_000);
    await settle();
    expect(world.exits).toHaveLength(1);
    expect(world.runner.snapshot().running).toEqual([ids[1], ids[2], d]);
  });

  it('gives a place that turns out not to be needed to the next', async () => {
    const world = createWorld({ capacity: 1 });
    const [idle, busy] = [world.add(), world.add()];
    await world.say(busy);
    world.runner.wake(idle);
    world.runner.wake(busy);
    await settle();
    expect(world.runner.snapshot()).toEqual({ running: [busy], queued: [], capacity: 1 });
  });

  it('brings an evicted session back when a message came meanwhile', async () => {
    const world = createWorld({
      capacity: 1,
      program: (container) => container.onStop(() => {}),
    });
    const [a, b] = await working(world, 2);
    await world.answer(a ?? '');
    await world.clock.advance(250);
    await world.say(a ?? '');
    world.runner.wake(a ?? '');
    await world.clock.advance(10_000);
    await settle();
    expect(world.runner.snapshot()).toEqual({ running: [b], queued: [a], capacity: 1 });
  });

  it('tells after half a minute that all places are taken', async () => {
    const world = createWorld({ capacity: 1 });
    const [, b] = await working(world, 2);
    await world.clock.advance(29_000);
    expect(world.blocked).toEqual([]);
    await world.clock.advance(1000);
    expect(world.blocked).toEqual([{ sessionId: b, code: 'all-places-taken' }]);
  });

  it('lets those behind it start when the files of one that runs cannot be read', async () => {
    const world = createWorld({ capacity: 2 });
    const [broken = '', idle = ''] = await working(world, 2);
    await world.answer(idle);
    const { read } = world.sessions;
    world.sessions.read = (sessionId, query) => {
      if (sessionId === broken) throw new Error('the session cannot be used');
      return read(sessionId, query);
    };
    const next = world.add();
    await world.say(next);
    world.runner.wake(next);
    await settle();
    // Nobody knows whether it works: it is not the one to go.
    expect(world.runner.snapshot()).toEqual({ running: [broken, next], queued: [], capacity: 2 });
    await world.clock.advance(250);
    world.container(broken)?.exit();
    await settle();
    expect(world.exits.map(({ sessionId }) => sessionId)).toEqual([idle, broken]);
  });
});
