import type { Container } from 'dockerode';
import type { Clock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { createDeferred } from '../shared/deferred.js';
import { createRingListener } from '../shared/listener.js';
import type { ContainerHandle, ExitReport, RunningContainer } from '../types.js';
import { createAttachment } from './attachment.js';
import { orGone, statusOf } from './errors.js';
import { NOTHING_KNOWN, postMortem } from './post-mortem.js';
import { createRetry } from './retry.js';

const INSIST_EVERY_MS = 1000;

export interface DockerHandle extends ContainerHandle {
  readonly containerId: string;
  /** Attaches the bell. Before the start, so that no ring is lost. */
  attach(): Promise<void>;
  /** The engine has started it, now or earlier. Until then nothing that happens to it counts. */
  started(): void;
  /** Something may have happened to it: looks, and tells or attaches again. */
  look(): void;
  /** Lets go without ending it; `exited` then stays open. */
  detach(): void;
}

/** `calls` and `streams` are the same container through the client with and the one without a time limit. */
export function createDockerHandle(deps: {
  identity: RunningContainer & { door?: string };
  calls: Container;
  streams: Container;
  clock: Clock;
  log: Log;
  /** It is gone and its remains are removed. */
  forget: () => void;
}): DockerHandle {
  const { identity, calls, clock } = deps;
  const log = deps.log.child({ session: identity.sessionId, incarnation: identity.incarnation });
  const exited = createDeferred<ExitReport>();
  const bell = createRingListener();
  let started = false;

  const attachment = createAttachment({
    container: deps.streams,
    clock,
    onRing: () => bell.ring(),
    onLost: () => looking.soon(),
    onMute(muted) {
      if (muted) log.warn('the container floods its bell: detached for a minute');
      else looking.now();
    },
  });
  const end = (report: ExitReport) => {
    looking.stop();
    attachment.close();
    deps.forget();
    exited.resolve(report);
  };
  const looking = createRetry({
    clock,
    async work() {
      if (!started) return;
      const info = await orGone(calls.inspect());
      if (info && !info.State.Running) end(await postMortem(calls, info.State));
      else if (!info) end(NOTHING_KNOWN);
      else if (!attachment.settled) {
        await attachment.attach();
        // Rings of both sides may have been lost meanwhile.
        attachment.ring();
        bell.ring();
      }
    },
    onError: (error, delayMs) =>
      log.warn({ reason: reasonOf(error), delayMs }, 'looking at a container failed'),
  });
  const signal = async (name: 'SIGTERM' | 'SIGKILL') => {
    try {
      await calls.kill({ signal: name });
    } catch (error) {
      // Gone or not running is what was asked for; anything else is asked for again.
      if (statusOf(error) === null)
        log.warn({ reason: reasonOf(error) }, 'a signal did not reach the engine');
    }
    looking.now();
  };

  return {
    ...identity,
    containerId: calls.id,
    exited: exited.promise,
    attach: () => attachment.attach(),
    ring: () => attachment.ring(),
    onRing: (listener) => bell.set(listener),
    started() {
      started = true;
      looking.now();
    },
    look: () => looking.now(),
    detach() {
      looking.stop();
      attachment.close();
    },
    stop(graceMs) {
      let timer = clock.after(Math.max(0, graceMs), insist);
      function insist() {
        timer = clock.after(INSIST_EVERY_MS, insist);
        void signal('SIGKILL');
      }
      if (graceMs > 0 && !exited.settled) void signal('SIGTERM');
      return exited.promise.finally(() => timer.cancel());
    },
  };
}
