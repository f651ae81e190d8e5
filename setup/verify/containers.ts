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
  /** Bytes, bytes, billionths of a processor, processes; 0: without bound. */
  limits: { memory: number; memoryAndSwap: number; nanoCpus: number; pids: number; fileSize: number };
  hasInit: boolean;
  /** What it shares with other containers or the host: `host`, `container:…`; empty or `private`: nothing. */
  shared: readonly string[];
  devices: number;
  logDriver: string;
  mounts: readonly { source: string; target: string; readOnly: boolean }[];
  /** `NAME=value` */
  environment: readonly string[];
}

export async function gatherContainers(docker: Docker, installationId: string): Promise<ContainerFacts[]> {
  const filters = { label: [`${INSTALLATION}=${installationId}`] };
  const found = await docker.listContainers({ filters });
  const looked = await Promise.all(found.map(({ Id }) => orGone(docker.getContainer(Id).inspect())));
  return looked.flatMap((info) => {
    if (!info) return [];
    return [factsOf(info)];
  });
}

function factsOf({ Name, HostConfig: config, Config, Mounts }: Docker.ContainerInspectInfo): ContainerFacts {
  return {
    name: Name.replace(/^\//, ''),
    networkMode: config.NetworkMode ?? '',
    readOnlyRoot: config.ReadonlyRootfs ?? false,
    droppedCapabilities: config.CapDrop ?? [],
    addedCapabilities: config.CapAdd ?? [],
    privileged: config.Privileged ?? false,
    securityOptions: config.SecurityOpt ?? [],
    limits: {
      memory: config.Memory ?? 0,
      memoryAndSwap: config.MemorySwap ?? 0,
      nanoCpus: config.NanoCpus ?? 0,
      pids: Math.max(0, config.PidsLimit ?? 0),
      fileSize: config.Ulimits?.find(({ Name: name }) => name === 'fsize')?.Hard ?? 0,
    },
    hasInit: config.Init ?? false,
    shared: [config.IpcMode, config.PidMode, config.UTSMode].flatMap((mode) => mode || []),
    devices: (config.Devices ?? []).length,
    logDriver: config.LogConfig?.Type ?? '',
    mounts: Mounts.map(({ Source, Destination, RW }) => ({
      source: Source,
      target: Destination,
      readOnly: !RW,
    })),
    environment: Config.Env,
  };
}

/** `secrets`: the values that must not be in there. */
export function judgeContainers(
  containers: readonly ContainerFacts[],
  secrets: readonly string[],
): Finding[] {
  const layer = 'credentials';
  return containers.flatMap((container): Finding[] => {
    const found: Finding[] = [];
    const fix = `docker rm -f ${container.name} (a new one answers what waits; where it stays so: ./wharfie update)`;
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

/** What the host alone writes, whoever serves the session. */
const READ_ONLY = ['/workspace/in', '/workspace/global', '/run/wharfie'];

/** All that a container of ours is made with (docs/security.md), as the engine itself tells it. */
function weaknesses(facts: ContainerFacts): string[] {
  const { limits, mounts, securityOptions } = facts;
  const writable = mounts.find(({ target, readOnly }) => READ_ONLY.includes(target) && !readOnly);
  const seccomp = securityOptions.find((option) => option.startsWith('seccomp='));
  const rules: [boolean, string][] = [
    [facts.networkMode === 'none', `network ${facts.networkMode}`],
    [facts.readOnlyRoot, 'its root can be written'],
    [
      facts.droppedCapabilities.includes('ALL') && facts.addedCapabilities.length === 0,
      'it has capabilities',
    ],
    [!facts.privileged, 'it is privileged'],
    [securityOptions.some((option) => option.startsWith('no-new-privileges')), 'it may gain privileges'],
    [seccomp !== undefined && !seccomp.endsWith('unconfined'), 'it may make any system call'],
    [limits.memory > 0 && limits.memoryAndSwap === limits.memory, 'its memory is not bounded'],
    [limits.pids > 0, 'its processes are not bounded'],
    [limits.nanoCpus > 0, 'its processors are not bounded'],
    [limits.fileSize > 0, 'its files are not bounded'],
    [facts.hasInit, 'it has no init process'],
    [facts.shared.every((mode) => mode === 'private'), `it shares ${facts.shared.join(', ')}`],
    [facts.devices === 0, 'it has devices of the host'],
    [facts.logDriver === 'local', `its log (${facts.logDriver}) is not bounded`],
    [!mounts.some(({ source }) => /docker\.sock$/.test(source)), 'it has the socket of the engine'],
    [writable === undefined, `it can write ${writable?.target}`],
  ];
  return rules.flatMap(([holds, weakness]) => (holds ? [] : [weakness]));
}
