import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createKicker } from '../../../src/host-sweep/kick.js';
import { createTasks } from '../../../src/tasks.js';
import { createWorld, settle } from '../container-runner/world.js';

function createDrainWorld() {
  const world = createWorld();
  const ends: (() => void)[] = [];
  const kicker = createKicker({
    ...world,
    log: pino({ level: 'silent' }),
    drain: () => new Promise((resolve) => ends.push(() => resolve(true))),
    tasks: createTasks({ timeZone: 'UTC', log: pino({ level: 'silent' }), crashPoint: () => {} }),
    questions: { expire: async () => {} },
    limits: { turnMs: 1, idleMs: 1 },
  });
  return { world, ends, kicker };
}

describe('drain', () => {
  it('gives every caller a read that began after its call, and shares what it can', async () => {
    const { ends, kicker } = createDrainWorld();
    let late = 0;
    void kicker.drain('ses_1');
    // What these know of may have been written after the first read began.
    for (let caller = 0; caller < 3; caller += 1) {
      void kicker.drain('ses_1').then(() => {
        late += 1;
      });
    }
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await settle();
    expect([ends.length, late]).toEqual([2, 0]);
    ends[1]?.();
    await settle();
    expect([ends.length, late]).toEqual([2, 3]);
    void kicker.drain('ses_1');
    expect(ends).toHaveLength(3);
  });

  it('does not let one session wait for another', async () => {
    const { ends, kicker } = createDrainWorld();
    void kicker.drain('ses_1');
    void kicker.drain('ses_2');
    expect(ends).toHaveLength(2);
  });
});

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
