import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { endContainers, whileFrozen } from '../../setup/backup/containers.js';
import { loadConfig } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { createInstallation } from '../unit/setup/harness.js';
import { createDockerWorld, engineSocket } from './world.js';

let ours: ReturnType<typeof createDockerWorld>;
let others: ReturnType<typeof createDockerWorld>;

beforeEach(() => {
  [ours, others] = [createDockerWorld(), createDockerWorld()];
});
afterEach(async () => {
  await ours.dispose();
  await others.dispose();
});

async function start({ docker, installationId }: typeof ours) {
  const container = await docker.createContainer({
    Image: inject('conformanceImage'),
    Entrypoint: ['sleep', '600'],
    Cmd: [],
    Labels: { [INSTALLATION]: installationId },
    HostConfig: { NetworkMode: 'none', Init: true },
  });
  await container.start();
  const state = async () => (await container.inspect()).State.Status;
  return { container, state };
}

/** This installation, as a step sees it. */
function installation() {
  const { context, home } = createInstallation();
  const settings = { WHARFIE_HOME: home, WHARFIE_DOCKER_SOCKET: engineSocket() };
  return { context, config: { ...loadConfig({}, settings), installationId: ours.installationId } };
}

describe('containers while a backup is made', () => {
  it('stand still and go on afterwards, also when it fails; those of others are left alone', async () => {
    const { context, config } = installation();
    const [mine, theirs] = [await start(ours), await start(others)];
    const seen = await whileFrozen(context, config, async () => [await mine.state(), await theirs.state()]);
    expect(seen).toEqual(['paused', 'running']);
    expect(await mine.state()).toBe('running');
    const fails = whileFrozen(context, config, () => Promise.reject(new Error('disk full')));
    await expect(fails).rejects.toThrow('disk full');
    expect(await mine.state()).toBe('running');
  });

  it('are ended before their folders are replaced, also one that a killed backup left frozen', async () => {
    const { context, config } = installation();
    const [mine, frozen, theirs] = [await start(ours), await start(ours), await start(others)];
    await frozen.container.pause();
    await endContainers(context, config);
    expect([await mine.state(), await frozen.state(), await theirs.state()]).toEqual([
      'exited',
      'exited',
      'running',
    ]);
    await endContainers(context, config);
  });
});
