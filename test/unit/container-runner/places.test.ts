import { describe, expect, it } from 'vitest';
import type { StoredSender } from '../../../src/db/content.js';
import { EngineError } from '../../../src/engine/types.js';
import { createPlace, createWorld, settle } from './world.js';

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

type Role = StoredSender['role'];

/** Somebody of that role wants a new session to work, in the main group where `main` says so. */
async function wants(world: ReturnType<typeof createWorld>, role: Role, main = false): Promise<string> {
  const id = world.add(undefined, undefined, main);
  await world.say(id, null, role);
  world.runner.wake(id);
  await settle();
  return id;
}

async function ends(world: ReturnType<typeof createWorld>, id: string): Promise<void> {
  await world.answer(id);
  world.container(id)?.exit();
  await settle();
}

describe('the line', () => {
  it('serves the owner of the main group though guests want every place', async () => {
    const world = createWorld({ capacity: 4 });
    const idle = await wants(world, 'owner', true);
    await ends(world, idle);
    const guests = [];
    for (let n = 0; n < 5; n += 1) guests.push(await wants(world, 'guest'));
    expect(world.runner.snapshot()).toMatchObject({
      running: guests.slice(0, 2),
      queued: guests.slice(2),
    });
    // In a chat that is not the main one: guests have left a place for people who were let in.
    const member = await wants(world, 'member');
    expect(world.runner.isUp(member)).toBe(true);
    const other = await wants(world, 'owner');
    // The last one is kept: not even the owner has it elsewhere, and he is the next.
    expect(world.runner.snapshot().queued).toEqual([other, ...guests.slice(2)]);
    await world.say(idle, null, 'guest');
    world.runner.wake(idle);
    await settle();
    expect(world.runner.isUp(idle)).toBe(false);
    await world.say(idle, null, 'owner');
    world.runner.wake(idle);
    await settle();
    expect(world.runner.isUp(idle)).toBe(true);
    await ends(world, member);
    expect(world.runner.isUp(other)).toBe(true);
  });

  it('keeps it for people who were let in: a main chat may be open as well', async () => {
    const world = createWorld({ capacity: 2 });
    const main = await wants(world, 'owner', true);
    await ends(world, main);
    const member = await wants(world, 'member');
    await world.say(main, null, 'guest');
    world.runner.wake(main);
    await settle();
    expect(world.runner.snapshot()).toMatchObject({ running: [member], queued: [main] });
  });

  it('keeps no place where there is one only, and none where there is no main group', async () => {
    const single = createWorld({ capacity: 1 });
    const first = await wants(single, 'guest');
    const main = await wants(single, 'owner', true);
    expect(single.runner.snapshot()).toMatchObject({ running: [first], queued: [main] });
    await single.answer(first);
    await single.clock.advance(250);
    await settle();
    expect(single.runner.snapshot()).toMatchObject({ running: [main], queued: [] });
    const noMain = createWorld({ capacity: 3 });
    const members = [];
    for (let n = 0; n < 4; n += 1) members.push(await wants(noMain, 'member'));
    expect(noMain.runner.snapshot()).toMatchObject({ running: members.slice(0, 3), queued: [members[3]] });
  });

  it('goes by role, and among equals by who came first', async () => {
    const world = createWorld({ capacity: 1 });
    const busy = await wants(world, 'member');
    const came: Role[] = ['guest', 'member', 'admin', 'owner', 'guest', 'owner'];
    const ids = [];
    for (const role of came) ids.push(await wants(world, role));
    const [g1, m, a, o1, g2, o2] = ids;
    expect(world.runner.snapshot().queued).toEqual([o1, o2, a, m, g1, g2]);
    // The owner writes into the thread of a guest.
    await world.say(g2 ?? '', null, 'owner');
    world.runner.wake(g2 ?? '');
    expect(world.runner.snapshot().queued).toEqual([o1, g2, o2, a, m, g1]);
    expect(world.runner.snapshot().running).toEqual([busy]);
  });

  it('lets three go ahead of somebody who has waited longer, and then him', async () => {
    const world = createWorld({ capacity: 1 });
    const names = new Map<string, string>();
    let [up] = [await wants(world, 'owner')];
    for (const role of ['guest', 'guest', 'member', 'owner', 'owner', 'owner', 'owner', 'owner'] as const) {
      names.set(await wants(world, role), role);
    }
    const served: (string | undefined)[] = [];
    while (served.length < names.size) {
      await ends(world, up);
      [up = ''] = world.runner.snapshot().running;
      served.push(names.get(up));
    }
    expect(served).toEqual(['owner', 'owner', 'owner', 'guest', 'owner', 'owner', 'member', 'guest']);
  });

  it('evicts for the main group whoever is idle, and for a guest no agent of the kept place', async () => {
    const world = createWorld({ capacity: 2 });
    const main = await wants(world, 'owner', true);
    await world.answer(main);
    const busy = await wants(world, 'guest');
    const waits = await wants(world, 'guest');
    await world.clock.advance(1000);
    expect(world.runner.snapshot()).toMatchObject({ running: [main, busy], queued: [waits] });
    await world.answer(busy);
    await world.clock.advance(250);
    await settle();
    expect(world.runner.snapshot()).toMatchObject({ running: [main, waits], queued: [] });
  });

  it('says the truth to somebody who waits beside a free place', async () => {
    const told: string[] = [];
    const world = createWorld({ capacity: 2 });
    world.runner.onBlocked((_, { message }) => void told.push(message));
    await wants(world, 'owner', true).then((main) => ends(world, main));
    await wants(world, 'guest');
    await wants(world, 'guest');
    await world.clock.advance(30_000);
    expect(told).toEqual(['All places for agents that are open to this chat are busy.']);
  });

  it('is the same when an engine that was away is back', async () => {
    const world = createWorld({ capacity: 2 });
    world.engine.breakDown(new EngineError('engine-unreachable', 'It is away.', 'Start it.'));
    const ids: string[] = [];
    for (const role of ['guest', 'guest', 'member', 'owner'] as const) ids.push(await wants(world, role));
    const [g1 = '', g2 = '', member = '', owner = ''] = ids;
    expect(world.runner.snapshot().running).toEqual([]);
    world.engine.breakDown(null);
    await world.clock.advance(15_000);
    await settle();
    expect([member, owner].map(world.runner.isUp)).toEqual([true, true]);
    expect(world.runner.snapshot().queued).toEqual([g1, g2]);
  });

  it('is the same for a host that finds who waits on disk', async () => {
    const place = createPlace();
    const before = createWorld({ place, capacity: 1 });
    const ids: string[] = [await wants(before, 'member')];
    for (const role of ['guest', 'member', 'owner'] as const) ids.push(await wants(before, role));
    await before.runner.close();
    const after = createWorld({ place, capacity: 1 });
    await after.runner.boot();
    for (const id of ids) after.runner.wake(id);
    await settle();
    const [busy, guest, member, owner] = ids;
    expect(after.runner.snapshot()).toMatchObject({ running: [busy], queued: [owner, member, guest] });
  });
});
