import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createFakeEngine, createFakeMachine, type FakeProgram } from '../../../src/engine/fake/index.js';
import { EngineError } from '../../../src/engine/types.js';
import { engineConformance } from '../../engine-conformance.js';
import { createFakeClock } from '../../fakes/clock.js';

/** What `test/engine-conformance/program.mjs` does, for containers that have no process. */
const programs: Record<string, FakeProgram> = {
  echo(container) {
    container.onRing(container.ring);
    container.onStop(() => {
      container.log('asked to stop');
      container.exit();
    });
    container.ring();
  },
  stubborn(container) {
    container.onStop(() => container.log('no'));
    container.ring();
  },
  fail(container) {
    for (let line = 1; line <= 60; line += 1) container.log(`line ${line}`);
    container.exit({ exitCode: 3 });
  },
  die: (container) => container.exit({ exitCode: null, signal: 'SIGKILL' }),
  report(container) {
    const { WHARFIE_INCARNATION, GREETING } = container.spec.env;
    container.log(JSON.stringify({ incarnation: WHARFIE_INCARNATION, greeting: GREETING }));
    container.exit();
  },
  flood(container) {
    for (let ring = 0; ring < 100_000; ring += 1) container.ring();
  },
};

engineConformance('fake', {
  outlivesHost: true,
  async create() {
    const machine = createFakeMachine();
    return {
      engine: () =>
        createFakeEngine({
          clock: systemClock,
          machine,
          program: (container) => programs[container.spec.env.PROGRAM ?? '']?.(container),
        }),
      spec: (spec) => spec,
      unstartable: null,
      kill: async (name) => machine.slots.get(name)?.exit({ exitCode: null, signal: 'SIGKILL' }),
      dispose: async () => {},
    };
  },
});

describe('what a test can do with the fake engine', () => {
  const spec = {
    name: 'wharfie-test-one',
    sessionId: 'ses_one',
    incarnation: 1,
    image: '',
    mode: 'run' as const,
    env: {},
    mounts: [],
    limits: { memoryBytes: 1, cpus: 1, pids: 1, fileSizeBytes: 1 },
    user: null,
  };

  it('breaks down and works again', async () => {
    const engine = createFakeEngine({ clock: createFakeClock() });
    const down = new EngineError('engine-unreachable', 'The engine does not answer.', 'Start it.');
    engine.breakDown(down);
    await expect(engine.check()).rejects.toBe(down);
    await expect(engine.start(spec)).rejects.toBe(down);
    engine.breakDown(null);
    await engine.start(spec);
    expect(engine.starts).toEqual([spec]);
  });

  it('holds starts until it is told', async () => {
    const engine = createFakeEngine({ clock: createFakeClock() });
    const release = engine.holdStarts();
    const starting = engine.start(spec);
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.starts).toEqual([]);
    release();
    await starting;
    expect(engine.starts).toEqual([spec]);
  });

  it('lets the test play the program, on the clock of the test', async () => {
    const clock = createFakeClock();
    const engine = createFakeEngine({ clock, program: (container) => container.onStop(() => {}) });
    const handle = await engine.start(spec);
    handle.ring();
    expect(engine.container(spec.name)?.rings).toBe(1);
    const stopped = handle.stop(2000);
    await clock.advance(1999);
    expect(engine.container(spec.name)?.running).toBe(true);
    await clock.advance(1);
    expect(await stopped).toMatchObject({ signal: 'SIGKILL' });
  });
});
