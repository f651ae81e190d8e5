import { backoff } from '../async/backoff.js';
import type { Clock, Random } from '../clock.js';
import type { CrashPoint } from '../crash-point.js';
import type { CentralDb } from '../db/central/index.js';
import { claimIncarnation } from '../db/central/session-runs.js';
import type { AgentGroup, AgentProvider, Session } from '../db/types.js';
import type { Log } from '../log/index.js';
import { type Entry, markStarting, type Problem } from './entry.js';
import type { EntryLog } from './entry-log.js';
import type { Exits } from './exits.js';
import type { Gate } from './gate.js';
import type { Launcher } from './launch.js';
import { problemOf } from './problem.js';
import type { Running } from './running.js';
import type { StartQueue } from './start-queue.js';

const START_RETRY = { firstMs: 1000, longestMs: 60_000, jitter: 0.25 };

/** A session together with whose it is; undefined when either is no longer there. */
export type JobOf = (sessionId: string) => { session: Session; agentGroup: AgentGroup } | undefined;

export interface StartDeps {
  clock: Clock;
  log: Log;
  random: Random;
  crashPoint: CrashPoint;
  central: CentralDb;
  entryLog: EntryLog;
  launcher: Launcher;
  gates: Record<AgentProvider, Gate>;
  queue: Pick<StartQueue, 'add' | 'pump'>;
  exits: Pick<Exits, 'drop'>;
  running: Pick<Running, 'attach'>;
  jobOf: JobOf;
  hasOpenWork: (sessionId: string) => boolean;
  /** Resolves when no recover container of the session runs. */
  recovered: (sessionId: string) => Promise<void>;
  report: (entry: Entry, problem: Problem) => void;
  closed: () => boolean;
}

/** Starts the container of an entry that has a place. Never rejects; a failed start is tried again. */
export function createStart(deps: StartDeps): (entry: Entry) => Promise<void> {
  const { queue, exits } = deps;

  const start = async (entry: Entry): Promise<void> => {
    const begun = entry.gone;
    await deps.recovered(entry.sessionId);
    // A recovery has found a container that serves already, and taken it over.
    if (entry.gone !== begun) return;
    const job = deps.jobOf(entry.sessionId);
    if (!job || !deps.hasOpenWork(entry.sessionId)) return exits.drop(entry);
    const gate = deps.gates[job.agentGroup.agentProvider];
    try {
      await gate.pass();
    } catch (error) {
      entry.gate = gate;
      throw error;
    }
    if (deps.closed()) return;
    if (entry.stopping) {
      entry.isGone(null);
      return queue.add(entry);
    }
    deps.crashPoint('wake:before-start');
    const incarnation = claimIncarnation(deps.central, entry.sessionId);
    if (incarnation === undefined) return exits.drop(entry);
    const handle = await deps.launcher.run(job.session, job.agentGroup, incarnation);
    deps.crashPoint('wake:after-start');
    // A host that closes leaves it to the next one, which adopts it.
    if (!deps.closed()) deps.running.attach(entry, handle);
  };
  const failed = (entry: Entry, error: unknown): void => {
    if (deps.closed()) return;
    const { sessionId } = entry;
    const problem = problemOf(error);
    deps.entryLog.mark(sessionId, 'stopped');
    entry.isGone(null);
    deps.report(entry, problem);
    if (entry.gate) {
      // Its one timer asks again for all that wait there.
      entry.phase = 'waiting';
      // It opened between the refusal and this: nobody would tell of it again.
      if (!entry.gate.isShut) queue.add(entry);
      return;
    }
    entry.startFailures += 1;
    deps.log.warn({ session: sessionId, ...problem, failures: entry.startFailures }, 'container not started');
    queue.add(entry, backoff(entry.startFailures, deps.random, START_RETRY));
  };
  return async (entry) => {
    markStarting(entry);
    await start(entry).catch((error: unknown) => failed(entry, error));
    queue.pump();
  };
}
