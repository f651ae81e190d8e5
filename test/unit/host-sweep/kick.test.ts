import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createKicker } from '../../../src/host-sweep/kick.js';
import { createTasks } from '../../../src/tasks/index.js';
import { createWorld, settle } from '../container-runner/world.js';

function createDrainWorld() {
  const world = createWorld();
  const ends: (() => void)[] = [];
  const kicker = createKicker({
    ...world,
    log: pino({ level: 'silent' }),
    drain: () => new Promise((resolve) => ends.push(() => resolve(true))),
    tasks: createTasks({ timeZone: 'UTC', log: pino({ level: 'silent' }), crashPoint: () => {} }),
    asks: { expire: async () => {} },
    limits: { turnMs: 1, idleMs: 1 },
  });
  return { world, ends, kicker };
}

describe('kick', () => {
  it('does not wake a session whose container is already seen to', async () => {
    const { world, ends, kicker } = createDrainWorld();
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    const rings = world.container(id)?.rings;
    void kicker.kick(id);
    ends[0]?.();
    await settle();
    expect(world.container(id)?.rings).toBe(rings);
  });
});
