import { pino } from 'pino';
import { createHostSweep } from '../../../src/host-sweep.js';
import { createTasks } from '../../../src/tasks/index.js';
import { createWorld, settle, type WorldOptions } from '../container-runner/world.js';

export { chat, createPlace, settle } from '../container-runner/world.js';

/** A sweep over a real container runner, fake containers and real databases. `drain` writes down its calls; `options.drain` says false for what it left. */
export function createSweepWorld(
  options: WorldOptions & { drain?: (sessionId: string) => Promise<unknown> } = {},
) {
  const drained: string[] = [];
  const world = createWorld(options);
  let slept = 0;
  const sweep = createHostSweep({
    clock: { ...world.clock, monotonic: () => world.clock.monotonic() + slept },
    log: pino({ level: 'silent' }),
    central: world.central,
    sessions: world.sessions,
    runner: world.runner,
    async drain(sessionId) {
      drained.push(sessionId);
      return (await options.drain?.(sessionId)) !== false;
    },
    tasks: createTasks({ timeZone: 'Europe/Berlin', log: pino({ level: 'silent' }), crashPoint: () => {} }),
    asks: { expire: async () => {} },
    limits: { turnMs: 7_200_000, idleMs: 900_000 },
  });
  world.runner.onExit(async (sessionId, report, incarnation, reason) => {
    world.exits.push({ sessionId, incarnation, reason, exitCode: report.exitCode });
    await sweep.handleExit(sessionId, report, incarnation, reason);
  });
  const run = async (sessionId: string) => {
    await world.say(sessionId);
    world.runner.wake(sessionId);
    await settle();
  };
  /** Time in which nothing of the host ran. */
  const suspend = (ms: number) => {
    slept += ms;
    world.clock.jumpWall(ms);
  };
  return { ...world, sweep, drained, run, suspend };
}
