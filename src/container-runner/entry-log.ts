import type { CentralDb } from '../db/central/index.js';
import { setContainerState } from '../db/central/session-runs.js';
import type { ContainerState } from '../db/types.js';
import type { ExitReport } from '../engine/types.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { isFault } from './reasons.js';

/** What is written down about a session's container. None of it may end the work on another session. */
export interface EntryLog {
  mark(sessionId: string, state: ContainerState): void;
  exit(sessionId: string, incarnation: number, report: ExitReport, reason: string | null): void;
  /** Runs `work`; a failure is logged as `event`. */
  attempt(sessionId: string, event: string, work: () => Promise<void>): Promise<void>;
}

export function createEntryLog(deps: { log: Log; central: CentralDb }): EntryLog {
  const { log, central } = deps;
  return {
    mark(sessionId, state) {
      try {
        setContainerState(central, sessionId, state);
      } catch (error) {
        log.error({ session: sessionId, state, error: reasonOf(error) }, 'container state not recorded');
      }
    },
    exit(session, incarnation, report, reason) {
      const { exitCode, signal, outOfMemory, logTail } = report;
      const fields = { session, incarnation, reason, exitCode, signal, outOfMemory };
      if (isFault(reason)) log.warn({ ...fields, logTail }, 'container ended unexpectedly');
      else log.info(fields, 'container ended');
    },
    async attempt(session, event, work) {
      try {
        await work();
      } catch (error) {
        log.error({ session, error: reasonOf(error) }, event);
      }
    },
  };
}
