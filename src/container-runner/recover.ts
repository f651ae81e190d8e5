import { backoff } from '../async/backoff.js';
import { type Clock, type Random, sleep } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { claimIncarnation } from '../db/central/session-runs.js';
import { type ContainerHandle, EngineError, type ExitReport } from '../engine/types.js';
import type { Log } from '../log/index.js';
import { type Entry, isUp } from './entry.js';
import type { EntryLog } from './entry-log.js';
import type { Launcher } from './launch.js';
import type { JobOf } from './starts.js';

/** A container that runs recovers the file itself when it opens it. */
const OWN_RECOVERY_MS = 2000;
const LONGEST_MS = 20_000;
const RETRY = { firstMs: 1000, longestMs: 5 * 60_000, jitter: 0.25 };

export interface Recovery {
  recover(sessionId: string): Promise<void>;
  /** Resolves when no recover container of the session runs. Never rejects. */
  finished(sessionId: string): Promise<void>;
}

/** Outside the places of the queue: it takes a fraction of a second, and replies that are finished wait for it. */
export function createRecovery(deps: {
  clock: Clock;
  log: Log;
  random: Random;
  central: CentralDb;
  entries: ReadonlyMap<string, Entry>;
  entryLog: EntryLog;
  launcher: Pick<Launcher, 'recover'>;
  jobOf: JobOf;
  /** Takes over a container of the session that turned out to serve it already. */
  takeOver: (sessionId: string, handle: ContainerHandle) => void;
}): Recovery {
  const { clock } = deps;
  const underWay = new Map<string, Promise<void>>();
  const failures = new Map<string, { count: number; error: unknown; until: number }>();

  const once = async (sessionId: string): Promise<void> => {
    const job = deps.jobOf(sessionId);
    const incarnation = job && claimIncarnation(deps.central, sessionId);
    if (!job || incarnation === undefined) return;
    const handle = await deps.launcher.recover(job.session, job.agentGroup, incarnation);
    if (handle.incarnation !== incarnation) return deps.takeOver(sessionId, handle);
    const report = await endOf(handle, clock);
    deps.entryLog.mark(sessionId, 'stopped');
    deps.log.info({ session: sessionId, incarnation, exitCode: report.exitCode }, 'recover container ended');
    if (report.exitCode === 0) return;
    deps.log.warn({ session: sessionId, incarnation, logTail: report.logTail }, 'recovery failed');
    throw new EngineError(
      'recover-failed',
      'The file with the replies of an agent that was killed could not be repaired.',
      "It is tried again by itself. The host's log has the last lines of the attempt.",
    );
  };
  const failed = (sessionId: string, error: unknown): never => {
    deps.entryLog.mark(sessionId, 'stopped');
    const count = (failures.get(sessionId)?.count ?? 0) + 1;
    failures.set(sessionId, { count, error, until: clock.monotonic() + backoff(count, deps.random, RETRY) });
    throw error;
  };
  return {
    async recover(sessionId) {
      const shared = underWay.get(sessionId);
      if (shared) return shared;
      const entry = deps.entries.get(sessionId);
      if (entry && isUp(entry)) {
        await Promise.race([entry.gone, sleep(clock, OWN_RECOVERY_MS)]);
        return;
      }
      const failure = failures.get(sessionId);
      if (failure && clock.monotonic() < failure.until) throw failure.error;
      const run = once(sessionId)
        .then(
          () => void failures.delete(sessionId),
          (error: unknown) => failed(sessionId, error),
        )
        .finally(() => underWay.delete(sessionId));
      underWay.set(sessionId, run);
      return run;
    },
    async finished(sessionId) {
      await underWay.get(sessionId)?.catch(() => {});
    },
  };
}

async function endOf(handle: ContainerHandle, clock: Clock): Promise<ExitReport> {
  const timer = clock.after(LONGEST_MS, () => void handle.stop(0).catch(() => {}));
  try {
    return await handle.exited;
  } finally {
    timer.cancel();
  }
}
