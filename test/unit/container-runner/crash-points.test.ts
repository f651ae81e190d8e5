import { describe, expect, it } from 'vitest';
import { getSession } from '../../../src/db/central/sessions.js';
import { createWorld, settle } from './world.js';

describe('crash points', () => {
  it('lie before anything is recorded of a start, and after the container is up', async () => {
    const passed: [string, number, number | undefined][] = [];
    const world = createWorld({
      extra: {
        crashPoint: (name) =>
          passed.push([name, world.engine.starts.length, getSession(world.central, id)?.incarnation]),
      },
    });
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    expect(passed).toEqual([
      ['wake:before-start', 0, 0],
      ['wake:after-start', 1, 1],
    ]);
  });
});
