import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import { oldestOpen } from '../db/open-work.js';
import type { Delivery } from '../delivery.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log.js';
import type { SessionManager } from '../session-manager.js';

const HOUR_MS = 3_600_000;
/** For as long as the message waits and its chat does not know why. */
const AGAIN_MS = 5000;

export interface BlockedNotices {
  /** For `ContainerRunner.onBlocked`: tells the chat whose message waits, at most once an hour for the same cause. */
  blocked: Parameters<ContainerRunner['onBlocked']>[0];
  /** The session's container is at work again. */
  unblocked(sessionId: string): void;
  isBlocked(sessionId: string): boolean;
}

/** A message that cannot be answered yet stays pending; the person who waits for it is told why and what helps. */
export function createBlockedNotices(deps: {
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'read'>;
  notice: Delivery['notice'];
}): BlockedNotices {
  const { clock, log, sessions } = deps;
  const told = new Set<string>();
  const tell = async (sessionId: string, problem: Parameters<BlockedNotices['blocked']>[1]) => {
    const now = clock.now();
    const [message] = sessions.read(sessionId, (db) => oldestOpen(db, now, 1));
    if (!message) return;
    const { channelType, platformId, threadId } = message;
    await deps.notice(sessionId, {
      to: { channelType, platformId, threadId },
      text: `I cannot answer yet: ${problem.message} ${problem.fix} Your message is kept and answered then.`,
      dedupeKey: `blocked:${problem.code}:${platformId}:${threadId}:${Math.floor(now / HOUR_MS)}`,
      code: problem.code,
    });
    told.add(sessionId);
  };
  const blocked: BlockedNotices['blocked'] = (sessionId, problem) => {
    tell(sessionId, problem).catch((error: unknown) => {
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'notice not stored, trying again');
      clock.after(AGAIN_MS, () => blocked(sessionId, problem));
    });
  };
  return {
    blocked,
    unblocked: (sessionId) => void told.delete(sessionId),
    isBlocked: (sessionId) => told.has(sessionId),
  };
}
