import { lstatSync } from 'node:fs';
import { oldestOpen } from '../db/inbound/open-work.js';
import { reasonOf } from '../errors.js';
import type { HostSweepDeps } from './deps.js';
import { judge, type LivenessLimits, type Observation } from './liveness.js';

/** How long without a change of the heartbeat, which the runner touches every 5 s. */
const STUCK_MS = 60_000;

/** Looks at every running container once, and stops those that `judge` says. */
export function createWatch(deps: HostSweepDeps): (afterGap: boolean) => void {
  const limits: LivenessLimits = { stuckMs: STUCK_MS, ...deps.limits };
  let observations = new Map<string, Observation>();

  const headOf = (sessionId: string): string | null =>
    deps.sessions.read(sessionId, (db) => oldestOpen(db, deps.clock.now(), 1))[0]?.id ?? null;
  const heartbeatOf = (sessionId: string): number | null => {
    const session = deps.sessions.get(sessionId);
    if (!session) return null;
    try {
      // The container owns the name: its link, if it put one there, is looked at and not followed.
      return lstatSync(deps.sessions.paths(session).heartbeat).mtimeMs;
    } catch {
      // The folder is the container's, too: one that it has closed to us does not beat.
      return null;
    }
  };
  const stop = (sessionId: string, reason: string, graceMs?: number) => {
    deps.runner.stop(sessionId, reason, graceMs).catch((error: unknown) => {
      deps.log.warn({ session: sessionId, reason, error: reasonOf(error) }, 'container not stopped');
    });
  };
  return (afterGap) => {
    const next = new Map<string, Observation>();
    for (const container of deps.runner.running()) {
      const { sessionId } = container;
      try {
        const { observation, verdict } = judge(
          observations.get(sessionId),
          {
            ...container,
            now: deps.clock.monotonic(),
            mtime: heartbeatOf(sessionId),
            head: headOf(sessionId),
            afterGap,
          },
          limits,
        );
        next.set(sessionId, observation);
        if (verdict === 'idle') stop(sessionId, verdict);
        // It does not answer: there is nothing to wait for.
        else if (verdict !== 'leave') stop(sessionId, verdict, 0);
      } catch (error) {
        const kept = observations.get(sessionId);
        if (kept) next.set(sessionId, kept);
        deps.log.warn({ session: sessionId, error: reasonOf(error) }, 'liveness not judged');
      }
    }
    observations = next;
  };
}
