import type { ContainerInspectInfo } from 'dockerode';
import { type Clock, sleep } from '../../clock.js';
import type { Log } from '../../log/index.js';
import { DOOR } from '../shared/door.js';
import { EngineError, type RunningContainer } from '../types.js';
import type { DockerClients } from './connection.js';
import { orGone } from './errors.js';
import { createDockerHandle, type DockerHandle } from './handle.js';
import { INSTALLATION, readLabels } from './labels.js';
import { postMortem, removeContainer } from './post-mortem.js';

const REMOVAL_WAIT_MS = 100;

export interface Found {
  info: ContainerInspectInfo;
  who: RunningContainer;
}

/** The containers of one installation: those that we hold, and those that the engine has. */
export interface Containers {
  hold(containerId: string, who: RunningContainer, door?: string): DockerHandle;
  held(containerId: string): DockerHandle | undefined;
  all(): Iterable<DockerHandle>;
  /** Forgets one that never started, and removes it. */
  drop(handle: DockerHandle): Promise<void>;
  /** Forgets all without ending them. */
  detach(): void;
  /** What has this name, null for nothing. Throws `start-failed` when it is not ours. */
  find(name: string): Promise<Found | null>;
  /** Takes hold of one that was started earlier: it runs, or it has ended and `exited` will tell. */
  takeUp(found: Found): DockerHandle;
  /** Removes the remains of one that does not run. */
  clearAway(found: Found): Promise<void>;
  /** Ends and removes one, whatever its state. */
  kill(found: Found): Promise<void>;
  listRunning(): Promise<RunningContainer[]>;
}

export function createContainers(deps: {
  docker: DockerClients;
  installationId: string;
  clock: Clock;
  log: Log;
}): Containers {
  const { installationId, clock, log } = deps;
  const { calls, streams } = deps.docker;
  const handles = new Map<string, DockerHandle>();
  const hold = (containerId: string, who: RunningContainer, door?: string) => {
    const held = handles.get(containerId);
    if (held) return held;
    const handle = createDockerHandle({
      identity: door === undefined ? who : { ...who, door },
      calls: calls.getContainer(containerId),
      streams: streams.getContainer(containerId),
      clock,
      log,
      forget: () => void handles.delete(containerId),
    });
    handles.set(containerId, handle);
    return handle;
  };
  return {
    hold,
    held: (containerId) => handles.get(containerId),
    all: () => handles.values(),
    async drop(handle) {
      handle.detach();
      handles.delete(handle.containerId);
      await removeContainer(calls.getContainer(handle.containerId), { force: true }).catch(() => {});
    },
    detach() {
      for (const handle of handles.values()) handle.detach();
      handles.clear();
    },
    async find(name) {
      const info = await orGone(calls.getContainer(name).inspect());
      if (!info) return null;
      const who = readLabels(name, info.Config.Labels, installationId);
      if (!who) throw nameTaken(name);
      return { info, who };
    },
    takeUp({ info, who }) {
      const handle = hold(info.Id, who, doorOf(info));
      handle.started();
      return handle;
    },
    async clearAway({ info, who }) {
      const held = handles.get(info.Id);
      if (held) return void (await held.exited);
      if (info.State.Status === 'removing') return sleep(clock, REMOVAL_WAIT_MS);
      const report = await postMortem(calls.getContainer(info.Id), info.State);
      log.warn(
        { session: who.sessionId, incarnation: who.incarnation, report },
        'remains of a container removed',
      );
    },
    async kill({ info }) {
      const held = handles.get(info.Id);
      if (held) await held.stop(0);
      else if (info.State.Status === 'removing') await sleep(clock, REMOVAL_WAIT_MS);
      else await removeContainer(calls.getContainer(info.Id), { force: true });
    },
    async listRunning() {
      const filters = { label: [`${INSTALLATION}=${installationId}`], status: ['running'] };
      const found = await calls.listContainers({ filters });
      return found.flatMap(
        ({ Names, Labels }) => readLabels(Names[0]?.slice(1) ?? '', Labels, installationId) ?? [],
      );
    },
  };
}

/** Which folder of the host it has as `/run/wharfie`. */
export function doorOf({ Mounts }: Pick<ContainerInspectInfo, 'Mounts'>): string | undefined {
  return Mounts.find(({ Destination }) => Destination === DOOR)?.Source;
}

export function nameTaken(name: string): EngineError {
  return new EngineError(
    'start-failed',
    `The container name ${name} is taken by a container that is not ours.`,
    `Look at it with \`docker inspect ${name}\` and remove it if nobody needs it.`,
  );
}
