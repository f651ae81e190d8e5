import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import type { InboundEvent } from '../adapter.js';
import { backoffMs } from '../backoff.js';

/** What waits in a lane: one event, or the history of the chat from a message on. */
type Job =
  | { kind: 'event'; make: () => Promise<InboundEvent | null>; settle: (taken: boolean) => void }
  | { kind: 'gap'; after: string };

export interface LaneDeps {
  /** Takes an event in; rejects when it could not be made durable. */
  receive(event: InboundEvent): Promise<void>;
  /** Null: the platform has no history. */
  history: ((platformId: string, after: string, signal: AbortSignal) => AsyncIterable<InboundEvent>) | null;
  /** After which message the history of a wired chat is to be read; null: not wired, or that is not known. */
  cursor(platformId: string): string | null;
  /** True: this error of the history will not go away (the bot may not read that chat). */
  isPermanent(error: unknown): boolean;
  clock: Clock;
  random: Random;
  log: Log;
  /** Aborted at stop: what still waits is read from the history at the next start. */
  signal: AbortSignal;
}

export interface Lanes {
  /**
   * Takes an event in after everything of that chat that came before. True when it is durable (or `make` gave null);
   * false when it is left to the history, or to nobody where there is none.
   */
  push(platformId: string, make: () => Promise<InboundEvent | null>): Promise<boolean>;
  /** Reads what was said after this message before anything that is pushed from now on. */
  fillGap(platformId: string, after: string): void;
  /** Something of that chat waits to be taken in. */
  isBusy(platformId: string): boolean;
}

/** More than this in one chat is not kept in memory: its history is read instead. */
const LONGEST_LANE = 1000;

/**
 * Intake for platforms that do not send an event again: one lane a chat, in order, each event tried until it is
 * durable. A chat that cannot be taken in holds up no other.
 */
export function createLanes(deps: LaneDeps): Lanes {
  const lanes = new Map<string, Job[]>();

  function add(platformId: string, job: Job): void {
    const lane = lanes.get(platformId);
    if (lane) {
      lane.push(job);
      return;
    }
    const started = [job];
    lanes.set(platformId, started);
    void work(platformId, started);
  }

  async function work(platformId: string, jobs: Job[]): Promise<void> {
    let failures = 0;
    for (let job = jobs[0]; job && !deps.signal.aborted; job = jobs[0]) {
      try {
        await run(platformId, job);
        jobs.shift();
        failures = 0;
      } catch (error) {
        if (deps.signal.aborted) break;
        const fields = { chat: platformId, code: codeOf(error), reason: reasonOf(error) };
        if (job.kind === 'gap' && deps.isPermanent(error)) {
          deps.log.warn(fields, 'history of the chat cannot be read');
          jobs.shift();
          continue;
        }
        deps.log.warn(fields, 'intake failed, it is tried again');
        await pause(deps, backoffMs(failures, deps.random));
        failures += 1;
      }
    }
    lanes.delete(platformId);
    for (const job of jobs) if (job.kind === 'event') job.settle(false);
  }

  async function run(platformId: string, job: Job): Promise<void> {
    if (job.kind === 'event') {
      const event = await job.make();
      if (event) await deps.receive(event);
      job.settle(true);
      return;
    }
    if (!deps.history) return;
    let count = 0;
    for await (const event of deps.history(platformId, job.after, deps.signal)) {
      await deps.receive(event);
      job.after = event.messageId;
      count += 1;
    }
    if (count > 0) deps.log.info({ chat: platformId, messages: count }, 'gap filled');
  }

  /** Makes room by reading the history later instead, where there is one; otherwise the newest is refused. */
  function unload(platformId: string, jobs: Job[]): void {
    deps.log.error({ chat: platformId, waiting: jobs.length }, 'too many messages wait to be taken in');
    const after = deps.history ? deps.cursor(platformId) : null;
    if (after === null) return;
    for (const job of jobs.splice(1)) if (job.kind === 'event') job.settle(false);
    jobs.push({ kind: 'gap', after });
  }

  return {
    push(platformId, make) {
      const lane = lanes.get(platformId);
      if (lane && lane.length >= LONGEST_LANE) {
        unload(platformId, lane);
        return Promise.resolve(false);
      }
      return new Promise((resolve) => add(platformId, { kind: 'event', make, settle: resolve }));
    },
    fillGap: (platformId, after) => add(platformId, { kind: 'gap', after }),
    isBusy: (platformId) => lanes.has(platformId),
  };
}

/** Waits, but not longer than the channel runs. */
export function pause(deps: Pick<LaneDeps, 'clock' | 'signal'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = deps.clock.after(ms, done);
    deps.signal.addEventListener('abort', done, { once: true });
    function done() {
      timer.cancel();
      deps.signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
