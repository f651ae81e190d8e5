import { pino } from 'pino';
import { inject } from 'vitest';
import { type Clock, systemClock } from '../../src/clock.js';
import { installationIdOf } from '../../src/config.js';
import { connectDocker, dockerSocket } from '../../src/engine/docker/connection.js';
import { createDockerEngine, type DockerEngine } from '../../src/engine/docker/index.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { newId } from '../../src/ids.js';
import type { Log } from '../../src/log/index.js';
import type { EngineWorld } from '../engine-conformance/harness.js';

export const engineSocket = () => dockerSocket({ DOCKER_HOST: inject('dockerHost') });
export const dockerClients = () => connectDocker(engineSocket());

/** Removes every container of the installation whose state lies in `home`. */
export async function removeContainersOf(home: string): Promise<void> {
  const { calls } = dockerClients();
  const filters = { label: [`${INSTALLATION}=${installationIdOf(home)}`] };
  for (const { Id } of await calls.listContainers({ all: true, filters })) {
    await calls.getContainer(Id).remove({ force: true });
  }
}

/** An installation of its own on the real engine; `dispose` removes all that is labelled with it. */
export function createDockerWorld(image = inject('conformanceImage')) {
  const installationId = newId('drop').slice(-8);
  const { calls } = dockerClients();
  const engines: DockerEngine[] = [];
  const world = {
    installationId,
    docker: calls,
    engine(options: { socketPath?: string; log?: Log; clock?: Clock } = {}) {
      const engine = createDockerEngine({
        docker: connectDocker(options.socketPath ?? engineSocket()),
        installationId,
        image,
        expectedHash: null,
        clock: options.clock ?? systemClock,
        log: options.log ?? pino({ level: 'silent' }),
      });
      engines.push(engine);
      return engine;
    },
    spec: (spec) => ({ ...spec, image, user: spec.user ?? { uid: 1000, gid: 1000 } }),
    unstartable: { change: (spec) => ({ ...spec, image: 'wharfie-no-such-image' }), code: 'image-missing' },
    async kill(name) {
      const container = calls.getContainer(name);
      const ended = container.wait();
      await container.kill();
      await ended;
    },
    async dispose() {
      for (const engine of engines) await engine.close();
      const filters = { label: [`${INSTALLATION}=${installationId}`] };
      for (const { Id } of await calls.listContainers({ all: true, filters })) {
        await calls.getContainer(Id).remove({ force: true });
      }
    },
  } satisfies EngineWorld & Record<string, unknown>;
  return world;
}

/** A log in which a test can wait for an event. */
export function createLogWatch() {
  let waiting: { event: string; go: () => void }[] = [];
  const write = (line: string) => {
    const { msg } = JSON.parse(line);
    for (const { event, go } of waiting) if (event === msg) go();
    waiting = waiting.filter(({ event }) => event !== msg);
  };
  const next = (event: string) => new Promise<void>((go) => void waiting.push({ event, go }));
  return { log: pino({ level: 'debug' }, { write }), next };
}
