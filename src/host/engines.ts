import path from 'node:path';
import { codeRoot } from '../config.js';
import type { Owner } from '../container-runner/spec.js';
import type { AgentProvider } from '../db/types.js';
import { connectDocker, createDockerEngine, dockerSocket, runnerHash } from '../engine/docker/index.js';
import { createProcessEngine, runnerCommand } from '../engine/process/index.js';
import type { ContainerEngine } from '../engine/types.js';
import type { HostBase } from './base.js';

export interface Engines {
  engines: Record<AgentProvider, ContainerEngine>;
  /** Who must own on the host what a container of this engine writes; null: the host's own user. */
  ownerFor(engine: ContainerEngine): Promise<Owner | null>;
}

/** What runs agents: containers for Claude, a process of the host for the mock. */
export function createEngines({ config, log, clock, replaced }: HostBase): Engines {
  const docker = createDockerEngine({
    docker: connectDocker(config.dockerSocket ?? dockerSocket(process.env)),
    installationId: config.installationId,
    image: config.image,
    expectedHash: () => runnerHash(codeRoot),
    clock,
    log,
  });
  const command = runnerCommand(codeRoot);
  const stateDir = path.join(config.paths.data, 'processes');
  const inProcess = createProcessEngine({ command, stateDir, clock });
  const mock = replaced.mockEngine ?? (config.mockEngine === 'docker' ? docker : inProcess);
  return {
    engines: { claude: docker, mock },
    ownerFor: async (engine) => (engine === docker ? (await docker.identity()).owner : null),
  };
}
