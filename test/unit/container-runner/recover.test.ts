import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/engine/types.js';
import { createPlace, createWorld, settle } from './world.js';

const recovering = (container: { spec: { mode: string } }) => container.spec.mode === 'recover';

/** A host that has not looked yet at what the last one left running. */
async function servedByTheLastHost() {
  const place = createPlace();
  const first = createWorld({ place });
  const id = first.add();
  await first.say(id);
  first.runner.wake(id);
  await settle();
  await first.runner.close();
  const second = createWorld({ place });
  return { id, second };
}

describe('recover', () => {
  it('runs one container with the same mounts and neither door nor credentials, for all who ask', async () => {
    const world = createWorld({ provider: 'claude', program: (c) => recovering(c) && c.exit() });
    const id = world.add();
    await Promise.all([world.runner.recover(id), world.runner.recover(id)]);
    expect(world.calls).toEqual(['prepareMounts']);
    expect(world.engine.starts).toHaveLength(1);
    expect(world.engine.starts[0]?.mounts.map(({ target }) => target)).toContain('/workspace/outbound.db');
    expect(world.engine.starts[0]?.mounts.map(({ target }) => target)).not.toContain('/run/wharfie');
    expect(world.exits).toEqual([]);
  });

  it('works while an exit is worked off, and before the next start', async () => {
    const order: string[] = [];
    const world = createWorld({
      program: (c) => {
        order.push(c.spec.mode);
        if (recovering(c)) c.exit();
      },
    });
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    world.runner.onExit(() => world.runner.recover(id));
    world.container(id)?.exit({ exitCode: 137 });
    await settle();
    expect(order).toEqual(['run', 'recover', 'run']);
  });

  it('works while the session waits for a credential', async () => {
    const world = createWorld({ provider: 'claude', program: (c) => recovering(c) && c.exit() });
    const id = world.add();
    await world.say(id);
    world.setMissing(new EngineError('credential-missing', 'There is no key.', 'Give one.'));
    world.runner.wake(id);
    await settle();
    await world.runner.recover(id);
    expect(world.engine.starts.map(({ mode }) => mode)).toEqual(['recover']);
  });

  it('lets no start in while it runs', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id);
    const done = world.runner.recover(id);
    await settle();
    world.runner.wake(id);
    await settle();
    expect(world.engine.starts.map(({ mode }) => mode)).toEqual(['recover']);
    world.container(id)?.exit();
    await done;
    await settle();
    expect(world.engine.starts.map(({ mode }) => mode)).toEqual(['recover', 'run']);
  });

  it('leaves a container that runs to recover the file itself', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    let done = false;
    void world.runner.recover(id).then(() => {
      done = true;
    });
    await world.clock.advance(1999);
    expect(done).toBe(false);
    await world.clock.advance(1);
    expect(done).toBe(true);
    expect(world.engine.starts).toHaveLength(1);
  });

  it('takes over a container that turns out to serve the session', async () => {
    const { id, second } = await servedByTheLastHost();
    await second.runner.recover(id);
    expect(second.runner.running()).toMatchObject([{ sessionId: id, incarnation: 1 }]);
    expect(second.engine.starts).toHaveLength(0);
  });

  it('takes it over once, whoever else wanted to start one meanwhile', async () => {
    const { id, second } = await servedByTheLastHost();
    const done = second.runner.recover(id);
    second.runner.wake(id);
    await done;
    await settle();
    second.container(id)?.exit({ exitCode: 1 });
    await settle();
    expect(second.exits).toHaveLength(1);
    expect(second.runner.running()).toMatchObject([{ sessionId: id }]);
    expect(second.engine.starts).toHaveLength(1);
  });

  it('ends one that hangs, reports the failure, and is not tried again at once', async () => {
    const world = createWorld();
    const id = world.add();
    const first = world.runner.recover(id).catch((error: EngineError) => error.code);
    await settle();
    await world.clock.advance(20_000);
    expect(await first).toBe('recover-failed');
    await expect(world.runner.recover(id)).rejects.toMatchObject({ code: 'recover-failed' });
    expect(world.engine.starts).toHaveLength(1);
    await world.clock.advance(1000);
    void world.runner.recover(id).catch(() => {});
    await settle();
    expect(world.engine.starts).toHaveLength(2);
  });
});
