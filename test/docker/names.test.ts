import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOptions } from '../../src/engine/docker/create-options.js';
import type { ContainerSpec } from '../../src/engine/types.js';
import { specFor, startEcho } from '../engine-conformance/harness.js';
import { createDockerWorld } from './world.js';

const user = { uid: 1000, gid: 1000 };

describe('the name of a container', () => {
  let world: ReturnType<typeof createDockerWorld>;
  let stranger: ReturnType<typeof createDockerWorld>;
  beforeEach(() => {
    world = createDockerWorld();
    stranger = createDockerWorld();
  });
  afterEach(async () => {
    await world.dispose();
    await stranger.dispose();
  });
  const createOnly = (owner: typeof world, spec: ContainerSpec) =>
    owner.docker.createContainer(createOptions(spec, { installationId: owner.installationId, user }));

  it('is taken over from a container that was created and never started', async () => {
    const spec = specFor(world, 'echo', { incarnation: 2 });
    await createOnly(world, { ...spec, incarnation: 1 });
    const { handle } = await startEcho(world.engine(), spec);
    expect(handle.incarnation).toBe(2);
  });

  it('is free again after adopt found only something that never started', async () => {
    const spec = specFor(world, 'echo');
    const container = await createOnly(world, spec);
    expect(await world.engine().adopt(spec.name)).toBeNull();
    await expect(container.inspect()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('protects the container of another installation', async () => {
    const spec = specFor(stranger, 'echo');
    const theirs = await startEcho(stranger.engine(), spec);
    const engine = world.engine();
    await expect(engine.start(spec)).rejects.toMatchObject({ code: 'start-failed' });
    await expect(engine.ensureGone(spec.name)).rejects.toMatchObject({ code: 'start-failed' });
    await expect(engine.adopt(spec.name)).rejects.toMatchObject({ code: 'start-failed' });
    expect(await engine.list()).toEqual([]);
    const answered = theirs.bell.next();
    theirs.handle.ring();
    await answered;
  });

  it('runs at most once, also for two hosts', async () => {
    const spec = specFor(world, 'echo');
    const starts = await Promise.allSettled(
      [1, 2].map((incarnation) => world.engine().start({ ...spec, incarnation })),
    );
    const handles = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    expect(await world.engine().list()).toHaveLength(1);
    expect(new Set(handles.map(({ incarnation }) => incarnation)).size).toBe(1);
    await world.engine().ensureGone(spec.name);
    await Promise.all(handles.map(({ exited }) => exited));
  });
});
