import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { ContainerEngine } from '../../src/engine/types.js';
import { specFor, startEcho } from '../engine-conformance/harness.js';
import { createWeakLink, type WeakLink } from './weak-link.js';
import { createDockerWorld, createLogWatch, engineSocket } from './world.js';

const FLOODS = 'the container floods its bell: detached for a minute';

/** No event of the past is found by its time: what ended while the engine was away must be looked for. */
const wrongClock = { ...systemClock, now: () => systemClock.now() + 3_600_000 };

describe('an engine that goes away and comes back', () => {
  let world: ReturnType<typeof createDockerWorld>;
  let link: WeakLink;
  let engine: ContainerEngine;
  let logged: ReturnType<typeof createLogWatch>;
  beforeEach(async () => {
    world = createDockerWorld();
    link = await createWeakLink(engineSocket());
    logged = createLogWatch();
    engine = world.engine({ socketPath: link.socketPath, log: logged.log, clock: wrongClock });
  });
  afterEach(async () => {
    await world.dispose();
    await link.close();
  });

  it('gets its running containers back, with their bells', async () => {
    const { handle, bell } = await startEcho(engine, specFor(world, 'echo'));
    const caughtUp = bell.next();
    link.cut();
    handle.ring();
    link.mend();
    await caughtUp;
    // The ring that was lost is made good: the program hears one and answers.
    await bell.next();
    const answered = bell.next();
    handle.ring();
    await answered;
    expect(await handle.stop(20_000)).toMatchObject({ exitCode: 0 });
  });

  it('tells of a container that ended meanwhile', async () => {
    const { handle } = await startEcho(engine, specFor(world, 'stubborn'));
    link.cut();
    await world.kill(handle.name);
    link.mend();
    expect(await handle.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(await engine.adopt(handle.name)).toBeNull();
  });

  it('ends what was asked to stop while it was away', async () => {
    const { handle } = await startEcho(engine, specFor(world, 'stubborn'));
    link.cut();
    const failed = logged.next('a signal did not reach the engine');
    const stopped = handle.stop(0);
    await failed;
    link.mend();
    expect(await stopped).toMatchObject({ signal: 'SIGKILL' });
  });

  it('says that it is away, and starts when it is back', async () => {
    link.cut();
    const spec = specFor(world, 'echo');
    await expect(engine.start(spec)).rejects.toMatchObject({ code: 'engine-unreachable' });
    await expect(engine.check()).rejects.toMatchObject({ code: 'engine-unreachable' });
    await expect(engine.list()).rejects.toMatchObject({ code: 'engine-unreachable' });
    link.mend();
    const { handle } = await startEcho(engine, spec);
    expect(handle.name).toBe(spec.name);
  });

  it('lets a container that floods its bell run on, and still hears of its end', async () => {
    const detached = logged.next(FLOODS);
    const handle = await engine.start(specFor(world, 'flood'));
    await detached;
    expect(await engine.list()).toContainEqual(expect.objectContaining({ name: handle.name }));
    await world.kill(handle.name);
    expect(await handle.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('also hears of the end of one that floods and ended meanwhile', async () => {
    const detached = logged.next(FLOODS);
    const handle = await engine.start(specFor(world, 'flood'));
    await detached;
    link.cut();
    await world.kill(handle.name);
    link.mend();
    expect(await handle.exited).toMatchObject({ signal: 'SIGKILL' });
  });
});
