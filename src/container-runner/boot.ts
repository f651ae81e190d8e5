import { backoff } from '../async/backoff.js';
import { type Clock, type Random, sleep } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';
import { sessionsUp } from '../db/central/session-runs.js';
import type { AgentProvider } from '../db/types.js';
import { isDeaf } from '../engine/shared/door.js';
import type { ContainerEngine } from '../engine/types.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { createEntry, type Entry, markStarting } from './entry.js';
import type { Exits } from './exits.js';
import type { Launcher } from './launch.js';
import type { Running } from './running.js';
import type { StartQueue } from './start-queue.js';
import type { JobOf } from './starts.js';

/** How long a start waits for the engines. Whoever is woken before his container was adopted adopts it by its start. */
const PATIENCE_MS = 3000;
const RETRY = { firstMs: 1000, longestMs: 60_000, jitter: 0.25 };
const UNSEEN = { exitCode: null, signal: null, outOfMemory: false, logTail: [] };

export interface BootDeps {
  clock: Clock;
  log: Log;
  random: Random;
  central: CentralDb;
  engines: Record<AgentProvider, ContainerEngine>;
  entries: Map<string, Entry>;
  launcher: Pick<Launcher, 'openDoor'>;
  exits: Pick<Exits, 'settle'>;
  running: Pick<Running, 'attach'>;
  queue: Pick<StartQueue, 'add'>;
  jobOf: JobOf;
  hasOpenWork: (sessionId: string) => boolean;
  nameOf: (sessionId: string) => string;
  closed: () => boolean;
}

/**
 * Adopts the containers that outlived the last host and settles what ended without it. An engine that fails is asked
 * again in the background, one that hangs is left behind there: its containers may run on all the while.
 */
export function createBoot(deps: BootDeps): () => Promise<void> {
  const take = async (engine: ContainerEngine, sessionId: string, name: string): Promise<void> => {
    if (deps.entries.has(sessionId)) return;
    const job = deps.jobOf(sessionId);
    if (!job) return engine.ensureGone(name);
    const entry = createEntry(sessionId);
    markStarting(entry);
    deps.entries.set(sessionId, entry);
    try {
      touchInbound(sessionId);
      const door = await deps.launcher.openDoor(job.session, job.agentGroup);
      const handle = await engine.adopt(name);
      if (deps.closed()) return;
      const deaf = handle !== null && isDeaf(handle.door, door);
      if (handle && !deaf) return deps.running.attach(entry, handle);
      if (deaf) deps.log.warn({ session: sessionId }, 'a container with the door of another folder is ended');
      await engine.ensureGone(name);
      // Nobody saw how it ended, and most likely it ended with the host: no message is charged.
      entry.stopping = { reason: 'host-restart', graceMs: 0 };
      await deps.exits.settle(entry, job.session.incarnation, UNSEEN);
    } catch (error) {
      // A start adopts as well, and a session without work is dropped there and taken by the next attempt.
      entry.isGone(null);
      deps.queue.add(entry);
      throw error;
    }
  };
  /** The host opens inbound.db for writing, which rolls back what a killed host left in the middle. */
  const touchInbound = (sessionId: string) => {
    try {
      deps.hasOpenWork(sessionId);
    } catch (error) {
      deps.log.error({ session: sessionId, error: reasonOf(error) }, 'inbound.db not readable at boot');
    }
  };
  /** A row that somebody broke is that session's trouble alone: its next start says so. */
  const runsOn = (engine: ContainerEngine, sessionId: string): boolean => {
    try {
      const group = deps.jobOf(sessionId)?.agentGroup;
      return group !== undefined && deps.engines[group.agentProvider] === engine;
    } catch (error) {
      deps.log.error({ session: sessionId, error: reasonOf(error) }, 'session not looked at');
      return false;
    }
  };
  const attempt = async (engine: ContainerEngine): Promise<void> => {
    const names = new Map((await engine.list()).map(({ sessionId, name }) => [sessionId, name]));
    for (const { id } of sessionsUp(deps.central)) {
      if (runsOn(engine, id)) names.set(id, names.get(id) ?? deps.nameOf(id));
    }
    const results = await Promise.allSettled(
      [...names].map(([sessionId, name]) => take(engine, sessionId, name)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const adoptAll = async (engine: ContainerEngine, failures: number): Promise<void> => {
    if (deps.closed()) return;
    try {
      await attempt(engine);
    } catch (error) {
      const fields = { engine: engine.kind, error: reasonOf(error), failures: failures + 1 };
      // A machine without Docker may stay so: said at first and every ten minutes or so, not each minute.
      const level = failures % 10 === 0 ? 'warn' : 'debug';
      deps.log[level](fields, 'running containers not all adopted, trying again');
      deps.clock.after(backoff(failures + 1, deps.random, RETRY), () => void adoptAll(engine, failures + 1));
    }
  };
  return async () => {
    const all = [...new Set(Object.values(deps.engines))].map((engine) => adoptAll(engine, 0));
    await Promise.race([Promise.all(all), sleep(deps.clock, PATIENCE_MS)]);
  };
}
