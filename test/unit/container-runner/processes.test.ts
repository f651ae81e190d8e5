import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createProcessEngine } from '../../../src/engine/process/index.js';
import { createPlace, createWorld } from './world.js';

const program = fileURLToPath(new URL('../../engine-conformance/program.mjs', import.meta.url));

/** The runner over real processes that ring when they are there. */
function createProcessWorld(place: ReturnType<typeof createPlace>) {
  const stateDir = path.join(place.home, 'processes');
  const engine = createProcessEngine({
    command: { file: process.execPath, args: [program], cwd: place.home },
    stateDir,
    clock: systemClock,
  });
  const world = createWorld({
    place,
    extra: { clock: systemClock, engines: { mock: engine, claude: engine } },
  });
  onTestFinished(() => world.runner.close());
  let heard = () => {};
  world.runner.onRing(() => heard());
  return {
    ...world,
    nextRing: () =>
      new Promise<void>((resolve) => {
        heard = resolve;
      }),
    /** Process ids that the engine has on disk. */
    pids: () =>
      readdirSync(stateDir)
        .map((file): unknown => JSON.parse(readFileSync(path.join(stateDir, file), 'utf8')))
        .flatMap((record) =>
          typeof record === 'object' && record !== null && 'pid' in record ? [Number(record.pid)] : [],
        ),
  };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('keeps exactly one real process at work, through kill -9, and none after its host has closed', async () => {
  const world = createProcessWorld(createPlace());
  const id = world.add();
  await world.say(id);
  const ring = world.nextRing();
  world.runner.wake(id);
  await ring;
  const [pid = 0] = world.pids();

  process.kill(pid, 'SIGKILL');
  const next = () => world.pids().filter((one) => one !== pid);
  await vi.waitFor(() => expect(next()).toHaveLength(1), { timeout: 30_000 });
  const [second = pid] = next();
  expect(world.exits).toMatchObject([{ sessionId: id, incarnation: 1, reason: null }]);
  expect([isAlive(pid), isAlive(second), world.pids()]).toEqual([false, true, [second]]);

  await world.runner.close();
  expect(isAlive(second)).toBe(false);
  expect(world.exits).toHaveLength(1);
});
