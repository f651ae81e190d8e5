import { backoff } from '../async/backoff.js';
import type { Clock, Random, Timer } from '../clock.js';
import type { Log } from '../log/index.js';

const BOUNDS = { firstMs: 1000, longestMs: 15_000, jitter: 0.25 };

/**
 * What must be there before any container of a kind can start: its engine, image and credential. While it is not,
 * one timer asks again for all the sessions that wait, so that an outage costs the same whatever their number.
 */
export interface Gate {
  /** Resolves when all is there; throws what is missing, and at `close` that nobody waits for the answer any more. */
  pass(): Promise<void>;
  /** Something is missing: whoever waits is told when it is there. */
  readonly isShut: boolean;
  close(): void;
}

export function createGate(deps: {
  clock: Clock;
  log: Log;
  random: Random;
  check: () => Promise<void>;
  /** Called when what was missing is there again. */
  onOpen: () => void;
}): Gate {
  let problem: unknown = null;
  let asking: Promise<void> | null = null;
  let timer: Timer | null = null;
  let failures = 0;
  let closed = false;
  /** Ends the waiting of everybody who asked for a pass. */
  const asked = new Set<(reason: Error) => void>();

  const failed = (error: unknown) => {
    problem = error;
    failures += 1;
    if (!closed) timer = deps.clock.after(backoff(failures, deps.random, BOUNDS), () => void retry());
  };
  const retry = async () => {
    try {
      await deps.check();
    } catch (error) {
      failed(error);
      return;
    }
    if (closed) return;
    deps.log.info({ failures }, 'containers can start again');
    problem = null;
    failures = 0;
    deps.onOpen();
  };
  const ask = async () => {
    try {
      await deps.check();
    } catch (error) {
      failed(error);
      throw error;
    } finally {
      asking = null;
    }
  };
  return {
    async pass() {
      if (problem !== null) throw problem;
      asking ??= ask();
      const answer = asking;
      await new Promise<void>((resolve, reject) => {
        asked.add(reject);
        answer.then(resolve, reject).finally(() => asked.delete(reject));
      });
    },
    get isShut() {
      return problem !== null;
    },
    close() {
      closed = true;
      timer?.cancel();
      // An engine that hangs would hold up the end of the host.
      for (const reject of asked) reject(new Error('the host stops'));
    },
  };
}
