import { hasOpenWork } from '../db/inbound/messages-in.js';
import { reasonOf } from '../errors.js';
import type { HostSweepDeps } from './deps.js';

export interface Kicker {
  /** Reads and records all that a session wrote before the call; calls share where they can. Never rejects. False: some may be left. */
  drain(sessionId: string): Promise<boolean>;
  /** The same, and then wakes its agent if work is open. Never rejects. */
  kick(sessionId: string): Promise<void>;
}

export function createKicker(deps: HostSweepDeps): Kicker {
  const complained = new Set<string>();

  const attempt = async <T>(sessionId: string, event: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      const result = await work();
      complained.delete(sessionId);
      return result;
    } catch (error) {
      // A session whose files are broken is met at every pass: once is enough.
      if (!complained.has(sessionId)) deps.log.warn({ session: sessionId, error: reasonOf(error) }, event);
      complained.add(sessionId);
      return null;
    }
  };
  // Delivery shares its runs: whoever calls gets one that began after the call.
  const drain: Kicker['drain'] = async (sessionId) =>
    (await attempt(sessionId, 'session not drained', () => deps.drain(sessionId))) ?? false;
  return {
    drain,
    async kick(sessionId) {
      // First what is finished: an agent is not started for work whose answer only waits to be read.
      await drain(sessionId);
      if (deps.runner.isScheduled(sessionId)) return;
      await attempt(sessionId, 'due session not looked at', async () => {
        const now = deps.clock.now();
        if (deps.sessions.read(sessionId, (db) => deps.tasks.hasMissed(db, now))) {
          await deps.sessions.write(sessionId, (db) => deps.tasks.passOver(db, now));
        }
        const open = deps.sessions.read(sessionId, (db) => hasOpenWork(db, now));
        if (open) deps.runner.wake(sessionId);
        // It was due for nothing: a hint that a crash left early is computed again after any commit.
        else await deps.sessions.write(sessionId, () => {});
      });
    },
  };
}
