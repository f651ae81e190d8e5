import { type Clock, sleep } from '../../clock.js';
import { DOOR, isDeaf } from '../shared/door.js';
import { assertUnmoved } from '../shared/folder-identity.js';
import type { ContainerSpec } from '../types.js';
import type { DockerClients } from './connection.js';
import { type Containers, doorOf, nameTaken } from './containers.js';
import { createOptions } from './create-options.js';
import { statusOf } from './errors.js';
import type { DockerHandle } from './handle.js';
import type { ContainerIdentity } from './user.js';

const NAME_TRIES = 20;
const NAME_WAIT_MS = 100;

/** Starts containers; `identity` is asked only for a spec that names no user. */
export function createStarter(deps: {
  docker: DockerClients;
  installationId: string;
  containers: Containers;
  identity: () => Promise<ContainerIdentity>;
  clock: Clock;
}): (spec: ContainerSpec) => Promise<DockerHandle> {
  const { installationId, containers, clock } = deps;
  const { calls } = deps.docker;

  /** A new container, or the one that runs under the name already. */
  const create = async (spec: ContainerSpec): Promise<{ handle: DockerHandle; isNew: boolean }> => {
    const user = spec.user ?? (await deps.identity()).user;
    for (let attempt = 0; attempt < NAME_TRIES; attempt += 1) {
      try {
        const { id } = await calls.createContainer(createOptions(spec, { installationId, user }));
        return { handle: containers.hold(id, whoIs(spec)), isNew: true };
      } catch (error) {
        if (statusOf(error) !== 409) throw error;
      }
      const found = await containers.find(spec.name);
      if (found?.info.State.Running) {
        if (!isDeaf(doorOf(found.info), doorIn(spec))) {
          return { handle: containers.takeUp(found), isNew: false };
        }
        // It hears nobody: its door lies where no host listens any more.
        await containers.kill(found);
        continue;
      }
      if (found) await containers.clearAway(found);
      else await sleep(clock, NAME_WAIT_MS);
    }
    throw nameTaken(spec.name);
  };

  return async (spec) => {
    const { handle, isNew } = await create(spec);
    if (!isNew) return handle;
    try {
      await handle.attach();
      assertUnmoved(spec.mounts);
      await calls.getContainer(handle.containerId).start();
    } catch (error) {
      await containers.drop(handle);
      throw error;
    }
    handle.started();
    return handle;
  };
}

const doorIn = ({ mounts }: ContainerSpec) => mounts.find(({ target }) => target === DOOR)?.source;

function whoIs({ name, sessionId, incarnation, mode }: ContainerSpec) {
  return { name, sessionId, incarnation, mode };
}
