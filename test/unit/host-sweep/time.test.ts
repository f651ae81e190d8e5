import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { setNextDue } from '../../../src/db/central/sessions.js';
import { createSweepWorld, settle } from './world.js';

type World = ReturnType<typeof createSweepWorld>;

function heartbeatOf(world: World, id: string): string {
  const session = world.sessions.get(id);
  if (!session) throw new Error('no session');
  return world.sessions.paths(session).heartbeat;
}

describe('liveness', () => {
  it('kills a container whose heartbeat stands still, and starts the next', async () => {
    const world = createSweepWorld({ program: (container) => container.onStop(() => {}) });
    const id = world.add();
    await world.run(id);
    await world.sweep.start();
    await world.clock.advance(60_000);
    expect(world.exits).toEqual([]);
    await world.clock.advance(1000);
    await settle();
    expect(world.exits).toEqual([{ sessionId: id, incarnation: 1, reason: 'stuck', exitCode: null }]);
    expect(world.runner.incarnation(id)).toBe(2);
  });

  it('leaves one alone that beats, for as long as it likes', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    await world.sweep.start();
    for (let beat = 1; beat <= 100; beat += 1) {
      utimesSync(heartbeatOf(world, id), beat, beat);
      await world.clock.advance(5000);
    }
    expect(world.exits).toEqual([]);
  });

  it('looks at the link that a container put in place of its heartbeat, not through it', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    const elsewhere = path.join(world.home, 'elsewhere');
    writeFileSync(elsewhere, '');
    rmSync(heartbeatOf(world, id));
    symlinkSync(elsewhere, heartbeatOf(world, id));
    await world.sweep.start();
    for (let beat = 1; beat <= 14; beat += 1) {
      utimesSync(elsewhere, beat, beat);
      await world.clock.advance(5000);
    }
    expect(world.exits.map(({ reason }) => reason)).toEqual(['stuck']);
  });

  it('kills a container that keeps the host from looking at its heartbeat', async () => {
    const world = createSweepWorld({ program: (container) => container.onStop(() => {}) });
    const id = world.add();
    await world.run(id);
    await world.sweep.start();
    const out = path.dirname(heartbeatOf(world, id));
    rmSync(out, { recursive: true });
    symlinkSync(out, out);
    await world.clock.advance(70_000);
    await settle();
    expect(world.exits.map(({ reason }) => reason)).toEqual(['stuck']);
  });

  it('stops what has been idle for a quarter of an hour', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.run(id);
    await world.answer(id);
    await world.sweep.start();
    for (let beat = 1; beat <= 182; beat += 1) {
      utimesSync(heartbeatOf(world, id), beat, beat);
      await world.clock.advance(5000);
    }
    await settle();
    expect(world.exits.map(({ reason }) => reason)).toEqual(['idle']);
    expect(world.runner.isScheduled(id)).toBe(false);
  });
});

describe('the slow poll', () => {
  it('reads what running containers wrote every two seconds, bell or no bell, and no others', async () => {
    const world = createSweepWorld();
    const [up] = [world.add(), world.add()];
    await world.run(up ?? '');
    await world.sweep.start();
    world.drained.length = 0;
    await world.clock.advance(10_000);
    expect(world.drained).toEqual(Array(5).fill(up));
  });
});

describe('due sessions', () => {
  it('wakes at the very moment', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.say(id, world.clock.now() + 5300);
    await world.sweep.start();
    await world.clock.advance(5299);
    await settle();
    expect(world.engine.starts).toHaveLength(0);
    await world.clock.advance(1);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('hears of a nearer moment while it runs, and of one far away when it comes nearer', async () => {
    const world = createSweepWorld();
    const [near, far] = [world.add(), world.add()];
    await world.sweep.start();
    await world.say(near, world.clock.now() + 700);
    world.sweep.dueChanged(near, world.clock.now() + 700);
    await world.say(far, world.clock.now() + 600_500);
    world.sweep.dueChanged(far, world.clock.now() + 600_500);
    await world.clock.advance(700);
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId)).toEqual([near]);
    await world.clock.advance(599_800);
    await settle();
    expect(world.engine.starts.some(({ sessionId }) => sessionId === far)).toBe(true);
  });

  it('forgets a timer whose work was cancelled', async () => {
    const world = createSweepWorld();
    const id = world.add();
    await world.sweep.start();
    world.sweep.dueChanged(id, world.clock.now() + 5000);
    world.sweep.dueChanged(id, null);
    await world.clock.advance(6000);
    expect(world.drained).toEqual([]);
  });

  it('finds at boot what is due', async () => {
    const world = createSweepWorld();
    const [due] = [world.add(), world.add()];
    await world.say(due);
    await world.sweep.start();
    await settle();
    expect(world.drained).toEqual([due]);
    expect(world.engine.starts).toHaveLength(1);
  });

  it('first reads what is finished, so that no agent starts for an answered message', async () => {
    let world: World | null = null;
    world = createSweepWorld({ drain: async (sessionId) => void (await world?.answer(sessionId)) });
    const id = world.add();
    await world.say(id);
    await world.sweep.start();
    await settle();
    expect(world.engine.starts).toHaveLength(0);
  });

  it('corrects a hint that a crash left too early', async () => {
    const world = createSweepWorld();
    const id = world.add();
    setNextDue(world.central, id, world.clock.now() - 1000, world.clock.now());
    await world.sweep.start();
    expect(world.sessions.get(id)?.nextDueAt).toBeNull();
  });

  it('catches up at once after the machine slept, and blames no container for it', async () => {
    const world = createSweepWorld();
    const [up, late] = [world.add(), world.add()];
    await world.run(up);
    await world.say(late, world.clock.now() + 3_600_000);
    await world.sweep.start();
    await world.clock.advance(2000);
    world.suspend(3_600_000);
    await world.clock.advance(1000);
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId)).toEqual([up, late]);
    await world.clock.advance(59_000);
    expect(world.exits).toEqual([]);
  });

  it('looks at what waits for a time that a clock told which has been set back since, and once only', async () => {
    const world = createSweepWorld();
    const [waits, later] = [world.add(), world.add()];
    world.clock.jumpWall(3 * 3_600_000);
    await world.say(waits);
    await world.say(later, world.clock.now() + 3_600_000);
    world.clock.jumpWall(-3 * 3_600_000);
    await world.sweep.start();
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId)).toEqual([waits]);
    expect([...world.drained].sort()).toEqual([waits, later].sort());
    await world.clock.advance(60_000);
    expect(world.drained.filter((id) => id === later)).toEqual([later]);
  });

  it('goes on with the others when one cannot be read', async () => {
    const world = createSweepWorld({
      drain: async (sessionId) => {
        if (sessionId === broken) throw new Error('broken');
      },
    });
    const broken = world.add();
    const good = world.add();
    const session = world.sessions.get(broken);
    if (!session) throw new Error('no session');
    setNextDue(world.central, broken, world.clock.now() - 10, world.clock.now());
    writeFileSync(world.sessions.paths(session).inboundDb, 'no database at all'.repeat(500));
    await world.say(good);
    await world.sweep.start();
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId)).toEqual([good]);
  });
});
