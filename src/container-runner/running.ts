import type { Clock } from '../clock.js';
import type { ContainerHandle } from '../engine/types.js';
import type { Log } from '../log/index.js';
import type { Entry } from './entry.js';
import type { EntryLog } from './entry-log.js';
import type { Exits } from './exits.js';

export interface Running {
  /** Takes over a container that runs, or that has just ended: its report is then in `exited`. */
  attach(entry: Entry, handle: ContainerHandle): void;
  /** Asks the container of an entry to end, or to end sooner. */
  end(entry: Entry, reason: string, graceMs: number): void;
}

export function createRunning(deps: {
  clock: Clock;
  log: Log;
  entryLog: EntryLog;
  exits: Pick<Exits, 'settle'>;
  onRing: (sessionId: string) => void;
}): Running {
  const { clock, log, entryLog } = deps;

  const end: Running['end'] = (entry, reason, graceMs) => {
    const { handle, sessionId } = entry;
    if (!handle) return;
    entry.stopping = { reason: entry.stopping?.reason ?? reason, graceMs };
    entry.phase = 'stopping';
    entryLog.mark(sessionId, 'stopping');
    log.info({ session: sessionId, incarnation: handle.incarnation, reason, graceMs }, 'stopping container');
    void handle.stop(graceMs);
  };
  return {
    end,
    attach(entry, handle) {
      // One that a host which is gone had begun serves nobody, and its end says nothing about the work.
      const request = handle.mode === 'recover' ? { reason: 'recovery-left', graceMs: 0 } : entry.stopping;
      const { sessionId } = entry;
      entry.phase = 'running';
      entry.handle = handle;
      entry.startedAt = clock.monotonic();
      entry.activeAt = entry.startedAt;
      entry.rangAt = entry.startedAt;
      entry.startFailures = 0;
      entry.problem = null;
      entryLog.mark(sessionId, 'running');
      log.info({ session: sessionId, incarnation: handle.incarnation }, 'container running');
      handle.onRing(() => {
        entry.activeAt = clock.monotonic();
        entry.rangAt = entry.activeAt;
        deps.onRing(sessionId);
      });
      void handle.exited.then((report) => deps.exits.settle(entry, handle.incarnation, report));
      if (request) end(entry, request.reason, request.graceMs);
      // A message that was committed while it started may have missed its first look.
      else handle.ring();
    },
  };
}
