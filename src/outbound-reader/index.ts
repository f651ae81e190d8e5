import { doubling } from '../async/backoff.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log/index.js';
import { Lane } from './lane.js';
import { parseRead } from './parse-reply.js';
import type { OutboundRead, OutboundReader } from './types.js';

const DEADLINE_MS = 300;
/** The second chance: long enough for a machine under load, and only suspects wait for it. */
const SUSPECT_DEADLINE_MS = 1500;
const PENALTY = { firstMs: 10_000, longestMs: 600_000 };

interface Suspicion {
  /** Times that the file hung in both lanes. */
  offences: number;
  /** On the monotonic clock; until then the file is not touched. */
  until: number;
}

export interface OutboundReaderDeps {
  /** Where all sessions lie; the reader gives up root if it can reach this folder without it. */
  sessionsDir: string;
  clock: Clock;
  log: Log;
  deadlineMs?: number;
}

/**
 * Reads through the reader process. A file that does not answer in time costs the others one deadline and a restart:
 * from then on it is read in a process of its own, and if it hangs there too it is `bad` and left alone for a while.
 */
export function createOutboundReader(
  deps: OutboundReaderDeps,
): OutboundReader & { pid(): number | undefined } {
  const { clock, log } = deps;
  const main = new Lane({ ...deps, deadlineMs: deps.deadlineMs ?? DEADLINE_MS, transient: false });
  const aside = new Lane({ ...deps, deadlineMs: SUSPECT_DEADLINE_MS, transient: true });
  const suspects = new Map<string, Suspicion>();
  let closed = false;

  const hung = (sessionId: string): OutboundRead => {
    if (closed) return { kind: 'away' };
    const offences = (suspects.get(sessionId)?.offences ?? 0) + 1;
    const penalty = doubling(offences, PENALTY);
    suspects.set(sessionId, { offences, until: clock.monotonic() + penalty });
    log.error({ session: sessionId, penaltyMs: penalty }, 'outbound.db hangs its reader');
    return HUNG;
  };

  const read: OutboundReader['read'] = async (request) => {
    const suspicion = suspects.get(request.sessionId);
    if (suspicion && clock.monotonic() < suspicion.until) return HUNG;
    if (!suspicion) {
      const answer = await main.read(request);
      if (answer.kind === 'unavailable') return { kind: 'away' };
      if (answer.kind !== 'late' && answer.kind !== 'gone') return parseRead(answer, request);
      if (!closed)
        log.warn({ session: request.sessionId, how: answer.kind }, 'the outbound reader is started again');
    }
    const answer = await aside.read(request);
    if (answer.kind === 'unavailable') return { kind: 'away' };
    if (answer.kind === 'late' || answer.kind === 'gone') return hung(request.sessionId);
    suspects.delete(request.sessionId);
    return parseRead(answer, request);
  };

  return {
    read,
    release(sessionId) {
      main.release(sessionId);
    },
    async close() {
      closed = true;
      main.close();
      aside.close();
    },
    pid: () => main.pid,
  };
}

const HUNG: OutboundRead = {
  kind: 'bad',
  code: 'outbound-timeout',
  message: 'outbound.db does not answer: reading it hangs.',
};
