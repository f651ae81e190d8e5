import type Docker from 'dockerode';
import type { Config } from '../../src/config.js';
import { orGone, statusOf } from '../../src/engine/docker/errors.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { dockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';

const STOP_SECONDS = 10;

/**
 * Runs `work` while the containers of this installation stand still, and lets them go on afterwards as if nothing had
 * been: what lies on disk then is as valid as after a power cut. A container that cannot be frozen is stopped.
 */
export async function whileFrozen<T>(
  context: StepContext,
  config: Config,
  work: () => Promise<T>,
): Promise<T> {
  const running = await runningContainers(context, config);
  const frozen: Docker.Container[] = [];
  try {
    for (const container of running) {
      if (await freeze(container)) frozen.push(container);
    }
    return await work();
  } finally {
    for (const container of frozen) await orGone(container.unpause());
  }
}

/** Ends them: their folders are about to be other ones. The next host finds what they left, as after any crash. */
export async function endContainers(context: StepContext, config: Config): Promise<void> {
  for (const container of await runningContainers(context, config)) {
    // One that was frozen by a backup that died takes no signal.
    await container.unpause().catch(() => {});
    await stop(container);
  }
}

async function freeze(container: Docker.Container): Promise<boolean> {
  try {
    await container.pause();
    return true;
  } catch {
    await stop(container);
    return false;
  }
}

async function stop(container: Docker.Container): Promise<void> {
  await container.stop({ t: STOP_SECONDS }).catch((error: unknown) => {
    // It had ended already, or is gone.
    if (![304, 404].includes(statusOf(error) ?? 0)) throw error;
  });
}

async function runningContainers({ env }: StepContext, config: Config): Promise<Docker.Container[]> {
  const { docker } = await dockerState(env, config.dockerSocket);
  if (docker === null) return [];
  const filters = { label: [`${INSTALLATION}=${config.installationId}`], status: ['running', 'paused'] };
  const found = await docker.calls.listContainers({ filters });
  return found.map(({ Id }) => docker.calls.getContainer(Id));
}
