import { sleep } from './clock.js';
import { createBoot } from './container-runner/boot.js';
import type { ContainerRunnerDeps } from './container-runner/deps.js';
import { createEntry, type Entry, isUp, markStarting, type Problem } from './container-runner/entry.js';
import { createEntryLog } from './container-runner/entry-log.js';
import { createExits } from './container-runner/exits.js';
import { createGates } from './container-runner/gates.js';
import { createLauncher } from './container-runner/launch.js';
import { createRecovery } from './container-runner/recover.js';
import { createRunning } from './container-runner/running.js';
import { createStartQueue } from './container-runner/start-queue.js';
import { createStart } from './container-runner/starts.js';
import { getAgentGroup, hasMainAgentGroup } from './db/central/agent-groups.js';
import { roleOfWork } from './db/inbound/behind.js';
import { hasOpenWork as anyOpen } from './db/inbound/messages-in.js';
import type { ExitReport } from './engine/types.js';
import { reasonOf } from './errors.js';

export type { ContainerRunnerDeps } from './container-runner/deps.js';

export interface ContainerRunner {
  /** Makes sure that somebody works on the session: rings its bell, or starts (or queues) its container. */
  wake(sessionId: string): void;
  /** True while a container of the session is starting, running or stopping. */
  isUp(sessionId: string): boolean;
  /** The incarnation that runs now, or null. */
  incarnation(sessionId: string): number | null;
  /**
   * Ends the container and resolves when it is gone. The next `wake` starts a new incarnation. The reasons in
   * `container-runner/reasons.ts` charge the open message a try, all others do not.
   */
  stop(sessionId: string, reason: string, graceMs?: number): Promise<ExitReport | null>;
  /** Puts in force what a step has changed of the policies of groups whose containers run. Never rejects. */
  takeUpPolicies(): Promise<void>;
  /** Runs a recover container over a hot journal; calls that come meanwhile share it. */
  recover(sessionId: string): Promise<void>;
  /** The runner rang: there may be something to read. One listener each. */
  onRing(listener: (sessionId: string) => void): void;
  /**
   * A container has gone, after its post-mortem; `workOpen` is judged by the listener. `reason`: why we stopped it, or
   * null. The session does not start again before the listener has settled.
   */
  onExit(
    listener: (
      sessionId: string,
      report: ExitReport,
      incarnation: number,
      reason: string | null,
    ) => Promise<void>,
  ): void;
  /** Why a session that has work does not run (no engine, no credential, queue, back-off), for status and the chat. */
  onBlocked(
    listener: (sessionId: string, problem: { code: string; message: string; fix: string }) => void,
  ): void;
  /** At start: adopts what still runs, settles what has ended. */
  boot(): Promise<void>;
  /** Waiting and running sessions, for `status`. */
  snapshot(): { running: string[]; queued: string[]; capacity: number };
  /** Detaches; containers that outlive the host go on. */
  close(): Promise<void>;
}

/** A container that serves now. Times are the monotonic clock's. */
export interface RunningSession {
  sessionId: string;
  incarnation: number;
  /** Last wake or ring. */
  activeAt: number;
  /** Last ring of the runner, else when it came up. */
  rangAt: number;
}

/** What the sweep sees of the containers. */
export interface RunningSessions {
  /** Those in phase `running`: neither on their way up nor down. */
  running(): RunningSession[];
  /** True from the wake until nothing is left to do: up, in line, or waiting for something that is missing. */
  isScheduled(sessionId: string): boolean;
}

const GRACE_MS = 10_000;
/** Longest wait at the end for starts that are under way. */
const CLOSE_MS = 10_000;

/** Keeps the containers of the sessions that have work: at most `capacity` of them, never two of one session. */
export function createContainerRunner(deps: ContainerRunnerDeps): ContainerRunner & RunningSessions {
  const { clock, log, central, sessions } = deps;
  const entries = new Map<string, Entry>();
  const starting = new Set<Promise<void>>();
  let isClosed = false;
  let ringListener: Parameters<ContainerRunner['onRing']>[0] = () => {};
  let exitListener: Parameters<ContainerRunner['onExit']>[0] = async () => {};
  let blockedListener: Parameters<ContainerRunner['onBlocked']>[0] = () => {};

  const closed = () => isClosed;
  const hasOpenWork = (sessionId: string) => sessions.read(sessionId, (db) => anyOpen(db, clock.now()));
  const jobOf = (sessionId: string) => {
    const session = sessions.get(sessionId);
    const agentGroup = session && getAgentGroup(central, session.agentGroupId);
    return session && agentGroup && { session, agentGroup };
  };
  const tell = (sessionId: string, problem: Problem) => {
    try {
      blockedListener(sessionId, problem);
    } catch (error) {
      log.error({ session: sessionId, error: reasonOf(error) }, 'the reason for waiting was not told');
    }
  };
  const report = (entry: Entry, problem: Problem) => {
    if (entry.problem?.code === problem.code) return;
    entry.problem = problem;
    log.warn({ session: entry.sessionId, ...problem }, 'session does not run');
    tell(entry.sessionId, problem);
  };
  const entryLog = createEntryLog({ log, central });
  const launcher = createLauncher(deps);
  const gates = createGates(deps, (gate) => {
    queue.addAll([...entries.values()].filter((entry) => entry.gate === gate));
  });
  const begin = (entry: Entry) => {
    const run = start(entry).finally(() => starting.delete(run));
    starting.add(run);
  };
  const shared = { ...deps, entries, entryLog, launcher, gates, jobOf, hasOpenWork, report, closed };
  const queue = createStartQueue({
    ...shared,
    begin,
    evict: (entry) => running.end(entry, 'evicted', GRACE_MS),
    claimOf: (sessionId) => ({
      role: sessions.read(sessionId, (db) => roleOfWork(db, clock.now())),
      main: jobOf(sessionId)?.agentGroup.isAdmin ?? false,
    }),
    hasMain: () => hasMainAgentGroup(central),
  });
  const exits = createExits({ ...shared, queue, onExit: (...exit) => exitListener(...exit) });
  const running = createRunning({ ...shared, exits, onRing: (sessionId) => ringListener(sessionId) });
  const recovery = createRecovery({
    ...shared,
    takeOver(sessionId, handle) {
      const entry = entries.get(sessionId) ?? createEntry(sessionId);
      entries.set(sessionId, entry);
      queue.remove(entry);
      markStarting(entry);
      running.attach(entry, handle);
    },
  });
  const start = createStart({ ...shared, queue, exits, running, recovered: recovery.finished });
  const boot = createBoot({ ...shared, queue, exits, running });

  return {
    wake(sessionId) {
      if (isClosed) return;
      const known = entries.get(sessionId);
      if (known?.phase === 'running') {
        known.activeAt = clock.monotonic();
        known.handle?.ring();
      }
      // Somebody new may wait for it: whoever listens knows whom it has told.
      if (known?.problem && !isUp(known)) tell(sessionId, known.problem);
      // In every phase but `running` its start, or the end of its exit, looks for open work.
      if (known) return queue.look(known);
      const entry = createEntry(sessionId);
      entries.set(sessionId, entry);
      queue.add(entry);
    },
    isUp(sessionId) {
      const entry = entries.get(sessionId);
      return entry !== undefined && isUp(entry);
    },
    isScheduled: (sessionId) => entries.has(sessionId),
    incarnation: (sessionId) => entries.get(sessionId)?.handle?.incarnation ?? null,
    async stop(sessionId, reason, graceMs = GRACE_MS) {
      const entry = entries.get(sessionId);
      if (!entry || entry.phase === 'waiting' || entry.phase === 'queued') return null;
      if (entry.phase === 'starting') entry.stopping ??= { reason, graceMs };
      const sooner = entry.phase === 'stopping' && graceMs < (entry.stopping?.graceMs ?? 0);
      if (entry.phase === 'running' || sooner) running.end(entry, reason, graceMs);
      return entry.gone;
    },
    async takeUpPolicies() {
      for (const entry of [...entries.values()].filter(isUp)) {
        await entryLog.attempt(entry.sessionId, 'policy not taken up', async () => {
          const job = jobOf(entry.sessionId);
          if (job) await launcher.refreshDoor(job.session, job.agentGroup);
        });
      }
    },
    recover: recovery.recover,
    onRing(listener) {
      ringListener = listener;
    },
    onExit(listener) {
      exitListener = listener;
    },
    onBlocked(listener) {
      blockedListener = listener;
    },
    boot,
    snapshot: () => ({
      running: [...entries.values()].filter(isUp).map((entry) => entry.sessionId),
      queued: queue.waiting(),
      capacity: deps.capacity,
    }),
    running: () =>
      [...entries.values()].flatMap(({ phase, handle, sessionId, activeAt, rangAt }) =>
        phase === 'running' && handle
          ? [{ sessionId, incarnation: handle.incarnation, activeAt, rangAt }]
          : [],
      ),
    async close() {
      isClosed = true;
      queue.close();
      for (const gate of Object.values(gates)) gate.close();
      await Promise.race([Promise.allSettled(starting), sleep(clock, CLOSE_MS)]);
      await Promise.all([...new Set(Object.values(deps.engines))].map((engine) => engine.close()));
    },
  };
}
