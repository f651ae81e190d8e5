import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import type { ContainerSpec } from '../types.js';
import { labelsOf } from './labels.js';
import { seccompProfile } from './seccomp.js';
import type { Owner } from './user.js';

const HOME = '/home/node';

/** Executable, because the SDK unpacks native code there; its pages count as the container's memory. */
const TMP = 'rw,exec,nosuid,nodev,size=536870912,mode=1777';
const SHM_BYTES = 64 * 1024 ** 2;

/** All of docs/security.md#the-container. Nothing of the host's environment goes in. */
export function createOptions(
  spec: ContainerSpec,
  context: { installationId: string; user: Owner },
): ContainerCreateOptions {
  const { user } = context;
  return {
    name: spec.name,
    Image: spec.image,
    Labels: labelsOf(spec, context.installationId),
    Env: Object.entries({ HOME, ...spec.env }).map(([name, value]) => `${name}=${value}`),
    User: `${user.uid}:${user.gid}`,
    StopSignal: 'SIGTERM',
    Tty: false,
    OpenStdin: true,
    // The next host attaches again: standard input must not end with this one.
    StdinOnce: false,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: false,
    HostConfig: hostConfig(spec),
  };
}

function hostConfig(spec: ContainerSpec): HostConfig {
  const { limits } = spec;
  return {
    NetworkMode: 'none',
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', `seccomp=${seccompProfile()}`],
    Privileged: false,
    ReadonlyRootfs: true,
    Tmpfs: { '/tmp': TMP },
    ShmSize: SHM_BYTES,
    IpcMode: 'private',
    PidsLimit: limits.pids,
    Memory: limits.memoryBytes,
    // The sum of memory and swap: none.
    MemorySwap: limits.memoryBytes,
    NanoCpus: Math.round(limits.cpus * 1e9),
    Ulimits: [
      { Name: 'fsize', Soft: limits.fileSizeBytes, Hard: limits.fileSizeBytes },
      { Name: 'core', Soft: 0, Hard: 0 },
    ],
    Init: true,
    // Kept after its end for the post-mortem, and never started again by anybody but the host.
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    // Not compressed: a container that floods its output would have the engine compress without end.
    LogConfig: { Type: 'local', Config: { 'max-size': '1m', 'max-file': '2', compress: 'false' } },
    Mounts: spec.mounts.map(({ source, target, readOnly }) => ({
      Type: 'bind',
      Source: source,
      Target: target,
      ReadOnly: readOnly,
      BindOptions: { Propagation: 'rprivate' },
    })),
  };
}
