import type Docker from 'dockerode';
import { orGone } from '../../src/engine/docker/errors.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import type { Finding } from './types.js';

/** What the engine says of a running container of this installation. */
export interface ContainerFacts {
  name: string;
  networkMode: string;
  readOnlyRoot: boolean;
  droppedCapabilities: readonly string[];
  addedCapabilities: readonly string[];
  privileged: boolean;
  securityOptions: readonly string[];
  /** `NAME=value` */
  environment: readonly string[];
}

export async function gatherContainers(docker: Docker, installationId: string): Promise<ContainerFacts[]> {
  const filters = { label: [`${INSTALLATION}=${installationId}`] };
  const found = await docker.listContainers({ filters });
  const looked = await Promise.all(found.map(({ Id }) => orGone(docker.getContainer(Id).inspect())));
  return looked.flatMap((info) => {
    if (!info) return [];
    const { HostConfig: config } = info;
    return [
      {
        name: info.Name.replace(/^\//, ''),
        networkMode: config.NetworkMode ?? '',
        readOnlyRoot: config.ReadonlyRootfs ?? false,
        droppedCapabilities: config.CapDrop ?? [],
        addedCapabilities: config.CapAdd ?? [],
        privileged: config.Privileged ?? false,
        securityOptions: config.SecurityOpt ?? [],
        environment: info.Config.Env,
      },
    ];
  });
}

/** `secrets`: the values that must not be in there. */
export function judgeContainers(
  containers: readonly ContainerFacts[],
  secrets: readonly string[],
): Finding[] {
  const layer = 'credentials';
  const fix = 'Stop the host, docker rm -f that container, update the checkout, and start again.';
  return containers.flatMap((container): Finding[] => {
    const found: Finding[] = [];
    const weak = weaknesses(container);
    if (weak.length > 0) {
      const message = `The container ${container.name} is not locked down: ${weak.join(', ')}.`;
      found.push({ id: 'container-weak', layer, severity: 'error', message, fix });
    }
    if (container.environment.some((pair) => secrets.some((secret) => pair.includes(secret)))) {
      const message = `A secret is in the environment of the container ${container.name}.`;
      found.push({ id: 'secret-in-container', layer, severity: 'error', message, fix });
    }
    return found;
  });
}

function weaknesses(facts: ContainerFacts): string[] {
  const rules: [boolean, string][] = [
    [facts.networkMode === 'none', `network ${facts.networkMode}`],
    [facts.readOnlyRoot, 'its root can be written'],
    [
      facts.droppedCapabilities.includes('ALL') && facts.addedCapabilities.length === 0,
      'it has capabilities',
    ],
    [!facts.privileged, 'it is privileged'],
    [
      facts.securityOptions.some((option) => option.startsWith('no-new-privileges')),
      'it may gain privileges',
    ],
  ];
  return rules.flatMap(([holds, weakness]) => (holds ? [] : [weakness]));
}
