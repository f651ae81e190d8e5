import { isAbsolute } from 'node:path';
import type Docker from 'dockerode';
import { EngineError } from '../types.js';
import { imageMissing, imageStale, mountUnsupported, orGone } from './errors.js';
import { RUNNER_HASH } from './labels.js';
import { type ContainerIdentity, chooseIdentity, type Owner } from './user.js';

interface EngineInfo {
  OSType?: string;
  OperatingSystem?: string;
  DockerRootDir?: string;
  SecurityOptions?: string[];
}

const VIRTUAL_MACHINES = /docker desktop|orbstack|rancher desktop|podman machine/i;

/** Who the containers of this engine run as. Throws for an engine whose mounts are not those of this kernel. */
export async function identifyEngine(
  docker: Docker,
  host: { platform: NodeJS.Platform; socketPath: string } & Owner,
): Promise<ContainerIdentity> {
  if (!isAbsolute(host.socketPath))
    throw mountUnsupported('DOCKER_HOST names an engine that is not on this machine');
  const info: EngineInfo = await docker.info();
  const system = info.OperatingSystem ?? '';
  if (host.platform !== 'linux' || info.OSType !== 'linux' || VIRTUAL_MACHINES.test(system)) {
    throw mountUnsupported(`The Docker engine (${system || 'unknown'}) runs in a virtual machine`);
  }
  const identity = chooseIdentity(host, {
    securityOptions: info.SecurityOptions ?? [],
    rootDir: info.DockerRootDir ?? '',
  });
  if (identity) return identity;
  throw new EngineError(
    'engine-mount-unsupported',
    'The Docker engine maps users (userns-remap), and this user may not give files to the mapped ones.',
    'Run Wharfie as root, or use a rootless Docker engine of this user, or switch userns-remap off.',
  );
}

/** Throws `image-missing`, or `image-stale` when its label is not the hash of this checkout's sources. */
export async function checkImage(docker: Docker, image: string, expectedHash: string | null): Promise<void> {
  const found = await orGone(docker.getImage(image).inspect());
  if (!found) throw imageMissing(image);
  if (expectedHash !== null && found.Config.Labels?.[RUNNER_HASH] !== expectedHash) throw imageStale(image);
}
