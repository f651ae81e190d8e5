import { backoff } from '../async/backoff.js';
import { type Clock, type Random, sleep } from '../clock.js';
import type { ExitReport } from '../engine/types.js';
import type { SessionManager } from '../session-manager.js';
import type { Entry, Problem } from './entry.js';
import type { EntryLog } from './entry-log.js';
import type { Launcher } from './launch.js';
import { isFault } from './reasons.js';
import type { StartQueue } from './start-queue.js';

const CRASH_RETRY = { firstMs: 1000, longestMs: 5 * 60_000, jitter: 0.25 };
/** A container that served this long is not in a crash loop. */
const STEADY_MS = 60_000;
/** A wait this long is worth telling. */
const LONG_DELAY_MS = 10_000;
/** Longest that one exit may take to work off before its session goes on without. */
const LISTENER_MS = 60_000;

export interface ExitDeps {
  clock: Clock;
  random: Random;
  entryLog: EntryLog;
  entries: Map<string, Entry>;
  launcher: Pick<Launcher, 'closeDoor'>;
  sessions: Pick<SessionManager, 'release'>;
  queue: Pick<StartQueue, 'add' | 'pump'>;
  hasOpenWork: (sessionId: string) => boolean;
  report: (entry: Entry, problem: Problem) => void;
  onExit: (
    sessionId: string,
    report: ExitReport,
    incarnation: number,
    reason: string | null,
  ) => Promise<void>;
  closed: () => boolean;
}

export interface Exits {
  /** Works off the exit of a container that is gone, and puts the session in line again if work is open. */
  settle(entry: Entry, incarnation: number, report: ExitReport): Promise<void>;
  /** Forgets a session that has nothing to do. */
  drop(entry: Entry): Promise<void>;
}

export function createExits(deps: ExitDeps): Exits {
  const { entryLog } = deps;
  const drop: Exits['drop'] = async (entry) => {
    const { sessionId } = entry;
    // At once: a wake from now on makes its own entry.
    if (deps.entries.get(sessionId) === entry) deps.entries.delete(sessionId);
    entry.isGone(null);
    deps.sessions.release(sessionId);
    await entryLog.attempt(sessionId, 'egress door not closed', () => deps.launcher.closeDoor(sessionId));
  };
  const stillOpen = (sessionId: string): boolean => {
    try {
      return deps.hasOpenWork(sessionId);
    } catch {
      // The next start says what is wrong with the file.
      return true;
    }
  };
  const goOn = (entry: Entry, report: ExitReport, reason: string | null): Promise<void> | void => {
    const open = stillOpen(entry.sessionId);
    const unexpected = isFault(reason) && (open || report.exitCode !== 0);
    const steady = deps.clock.monotonic() - entry.startedAt >= STEADY_MS;
    if (!unexpected) entry.crashes = 0;
    else entry.crashes = steady ? 1 : entry.crashes + 1;
    if (!open) return drop(entry);
    const delay = entry.crashes > 1 ? backoff(entry.crashes - 1, deps.random, CRASH_RETRY) : 0;
    if (delay >= LONG_DELAY_MS) {
      deps.report(entry, {
        code: 'crash-loop',
        message: `The agent ended unexpectedly ${entry.crashes} times in a row.`,
        fix: "It is started again by itself, after longer and longer waits. The host's log has its last lines.",
      });
    }
    deps.queue.add(entry, delay);
  };
  return {
    drop,
    async settle(entry, incarnation, report) {
      const { sessionId } = entry;
      entry.handle = null;
      if (deps.closed()) return entry.isGone(report);
      const reason = entry.stopping?.reason ?? null;
      entry.phase = 'settling';
      entryLog.exit(sessionId, incarnation, report, reason);
      entry.isGone(report);
      deps.queue.pump();
      await entryLog.attempt(sessionId, 'exit not worked off', () =>
        Promise.race([
          deps.onExit(sessionId, report, incarnation, reason),
          sleep(deps.clock, LISTENER_MS).then(() => Promise.reject(new Error('it took too long'))),
        ]),
      );
      if (deps.closed()) return;
      // Only now: a host that dies before this finds the session as one that has to be settled.
      entryLog.mark(sessionId, 'stopped');
      await goOn(entry, report, reason);
    },
  };
}
