import { describe, expect, it } from 'vitest';
import { setContainerState } from '../../../src/db/central/session-runs.js';
import { getSession } from '../../../src/db/central/sessions.js';
import { createFakeMachine } from '../../../src/engine/fake/index.js';
import { EngineError } from '../../../src/engine/types.js';
import { createPlace, createWorld, settle } from './world.js';

async function runningThenClosed() {
  const place = createPlace();
  const first = createWorld({ place, provider: 'claude' });
  const id = first.add();
  await first.say(id);
  first.runner.wake(id);
  await settle();
  await first.runner.close();
  return { place, first, id };
}

describe('a host that starts again', () => {
  it('adopts what still runs, opens its door again, and starts nothing anew', async () => {
    const { place, first, id } = await runningThenClosed();
    expect(first.container(id)?.running).toBe(true);
    expect(first.calls).not.toContain(`close ${id}`);
    const second = createWorld({ place });
    await second.runner.boot();
    expect(second.runner.incarnation(id)).toBe(1);
    expect(second.calls).toEqual([`open ${id}`]);
    expect(second.engine.starts).toHaveLength(0);
    // Which rolls back what a killed host left in the middle of a write.
    expect(second.opened).toEqual(new Set([id]));
    // Rung once: it may have waited for the host.
    expect(second.container(id)?.rings).toBe(2);
    second.container(id)?.ring();
    await settle();
    expect(second.rings).toEqual([id]);
  });

  it('ends one whose door lies where no host listens any more, and charges nobody', async () => {
    const { place, id } = await runningThenClosed();
    const second = createWorld({ place, runRoot: 'elsewhere' });
    await second.runner.boot();
    await settle();
    expect(second.exits).toMatchObject([{ sessionId: id, reason: 'host-restart' }]);
    expect(second.engine.starts).toHaveLength(1);
    expect(second.runner.incarnation(id)).toBe(2);
  });

  it('ends a recovery that the last host left, charges nobody for it, and starts what waits', async () => {
    const place = createPlace();
    const first = createWorld({ place });
    const id = first.add();
    void first.runner.recover(id);
    await settle();
    await first.runner.close();
    const second = createWorld({ place });
    await second.say(id);
    await second.runner.boot();
    await settle();
    expect(second.exits).toMatchObject([{ sessionId: id, reason: 'recovery-left' }]);
    expect(second.engine.starts.map(({ mode }) => mode)).toEqual(['run']);
  });

  it('works off, with its report, what ended while no host was there', async () => {
    const { place, first, id } = await runningThenClosed();
    first.container(id)?.exit({ exitCode: 137, outOfMemory: true });
    const second = createWorld({ place });
    await second.runner.boot();
    await settle();
    expect(second.exits).toEqual([{ sessionId: id, incarnation: 1, reason: null, exitCode: 137 }]);
    expect(second.runner.incarnation(id)).toBe(2);
  });

  it('adopts the others when the row of one cannot be read', async () => {
    const { place, first, id } = await runningThenClosed();
    const broken = first.add();
    setContainerState(place.central, broken, 'running');
    place.central
      .prepare(
        "UPDATE agent_groups SET container_config = '{broken' WHERE id = (SELECT agent_group_id FROM sessions WHERE id = ?)",
      )
      .run(broken);
    const second = createWorld({ place });
    await second.runner.boot();
    expect(second.runner.incarnation(id)).toBe(1);
  });

  it('charges nobody for what ended with the host', async () => {
    const { place, id } = await runningThenClosed();
    const second = createWorld({ place, machine: createFakeMachine() });
    await second.runner.boot();
    await settle();
    expect(second.exits).toEqual([{ sessionId: id, incarnation: 1, reason: 'host-restart', exitCode: null }]);
    expect(second.runner.incarnation(id)).toBe(2);
  });

  it('goes on without an engine that hangs, and adopts when it answers', async () => {
    const { place, id } = await runningThenClosed();
    const second = createWorld({ place });
    const list = second.engine.list;
    let answer = () => {};
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    second.engine.list = () => hanging.then(list);
    let booted = false;
    void second.runner.boot().then(() => {
      booted = true;
    });
    await settle();
    expect(booted).toBe(false);
    await place.clock.advance(3000);
    expect(booted).toBe(true);
    answer();
    await settle();
    expect(second.runner.incarnation(id)).toBe(1);
  });

  it('looks at no session that was stopped', async () => {
    const place = createPlace();
    const world = createWorld({ place });
    const id = world.add();
    await world.runner.boot();
    expect(world.exits).toEqual([]);
    expect(world.runner.isScheduled(id)).toBe(false);
  });

  it('ends a container whose session is no longer known', async () => {
    const { place, first, id } = await runningThenClosed();
    place.central.prepare('DELETE FROM agent_groups').run();
    const second = createWorld({ place });
    await second.runner.boot();
    await settle();
    expect(first.container(id)).toBeUndefined();
    expect(second.exits).toEqual([]);
  });

  it('asks an engine that does not answer again, and adopts then', async () => {
    const { place, id } = await runningThenClosed();
    const second = createWorld({ place });
    second.engine.breakDown(new EngineError('engine-unreachable', 'Docker does not answer.', 'Start it.'));
    await second.runner.boot();
    expect(second.runner.isUp(id)).toBe(false);
    second.engine.breakDown(null);
    await second.clock.advance(1000);
    await settle();
    expect(second.runner.incarnation(id)).toBe(1);
  });

  it.each(['open', 'answered'])('adopts at a second attempt, its work being %s', async (work) => {
    const { place, first, id } = await runningThenClosed();
    if (work === 'answered') await first.answer(id);
    const second = createWorld({ place });
    second.setDoor(() => Promise.reject(new Error('no space left')));
    await second.runner.boot();
    second.setDoor(async () => {});
    await second.clock.advance(2000);
    await settle();
    expect(second.runner.incarnation(id)).toBe(1);
    expect(second.engine.starts).toHaveLength(0);
  });

  it('adopts by its name a container that it finds only when it wants to start one', async () => {
    const { place, id } = await runningThenClosed();
    setContainerState(place.central, id, 'stopped');
    const second = createWorld({ place });
    second.runner.wake(id);
    await settle();
    expect(second.engine.starts).toHaveLength(0);
    expect(second.runner.incarnation(id)).toBe(1);
    expect(getSession(place.central, id)?.incarnation).toBe(2);
  });
});

describe('close', () => {
  it('waits for the start under way and leaves its container to the next host', async () => {
    const place = createPlace();
    const first = createWorld({ place, provider: 'claude' });
    let release = () => {};
    first.setDoor(
      () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    );
    const id = first.add();
    await first.say(id);
    first.runner.wake(id);
    await settle();
    const closed = first.runner.close();
    release();
    await closed;
    expect(first.container(id)?.running).toBe(true);
    expect(getSession(place.central, id)?.containerState).toBe('starting');
    const second = createWorld({ place });
    await second.runner.boot();
    expect(second.runner.incarnation(id)).toBe(1);
  });

  it('starts nothing any more', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id);
    await world.runner.close();
    world.runner.wake(id);
    await settle();
    expect(world.engine.starts).toHaveLength(0);
  });
});
