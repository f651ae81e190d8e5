import { createKeyedQueue } from '../../async/keyed-queue.js';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { ContainerEngine } from '../types.js';
import { checkImage, identifyEngine } from './check.js';
import type { DockerClients } from './connection.js';
import { createContainers } from './containers.js';
import { explain } from './errors.js';
import { createEventStream } from './events.js';
import { createStarter } from './start.js';
import type { ContainerIdentity } from './user.js';

export { connectDocker, type DockerClients, dockerSocket } from './connection.js';
export { runnerHash } from './runner-hash.js';
export type { ContainerIdentity } from './user.js';

export interface DockerEngine extends ContainerEngine {
  readonly kind: 'docker';
  /** Who runs inside, and who must own on the host what they write. Asked of the engine once. */
  identity(): Promise<ContainerIdentity>;
}

/**
 * Hardened containers of a Docker engine on this machine (docs/security.md#the-container). Events and ended streams are hints; what counts
 * is what `inspect` says. Containers outlive their host and are never removed before their post-mortem.
 */
export function createDockerEngine(deps: {
  /** `connectDocker(dockerSocket(process.env))` */
  docker: DockerClients;
  installationId: string;
  /** The image that `check` looks for. */
  image: string;
  /** What the image must be labelled with: `() => runnerHash(root)`; null: any image will do. */
  expectedHash: (() => Promise<string>) | null;
  clock: Clock;
  log: Log;
}): DockerEngine {
  const { docker, installationId, clock, log } = deps;
  const containers = createContainers({ docker, installationId, clock, log });
  const oneByOne = createKeyedQueue().run;
  let identified: Promise<ContainerIdentity> | null = null;

  const events = createEventStream({
    docker: docker.streams,
    installationId,
    clock,
    onEnd: (containerId) => containers.held(containerId)?.look(),
    onReconnect() {
      for (const handle of containers.all()) handle.look();
    },
    onError: (error, delayMs) => log.warn({ reason: reasonOf(error), delayMs }, 'no events from the engine'),
  });
  const explained = <T>(work: Promise<T>, image = deps.image): Promise<T> =>
    work.catch((error: unknown) => {
      throw explain(error, image);
    });
  const identity = () => {
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    const host = { platform: process.platform, socketPath: docker.socketPath, uid, gid };
    identified ??= explained(identifyEngine(docker.calls, host)).catch((error: unknown) => {
      identified = null;
      throw error;
    });
    return identified;
  };
  const start = createStarter({ docker, installationId, containers, identity, clock });

  return {
    kind: 'docker',
    identity,
    async check() {
      await identity();
      await explained(checkImage(docker.calls, deps.image, (await deps.expectedHash?.()) ?? null));
    },
    start: (spec) =>
      explained(
        oneByOne(spec.name, async () => {
          await events.ready();
          return start(spec);
        }),
        spec.image,
      ),
    list: () => explained(containers.listRunning()),
    adopt: (name) =>
      explained(
        oneByOne(name, async () => {
          await events.ready();
          const found = await containers.find(name);
          if (!found) return null;
          const { Status } = found.info.State;
          if (Status !== 'created' && Status !== 'removing') return containers.takeUp(found);
          await containers.clearAway(found);
          return null;
        }),
      ),
    ensureGone: (name) =>
      explained(
        oneByOne(name, async () => {
          for (let found = await containers.find(name); found; found = await containers.find(name)) {
            await containers.kill(found);
          }
        }),
      ),
    async close() {
      events.close();
      containers.detach();
    },
  };
}
