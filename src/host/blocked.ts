import { type Address, addressOf, threadKey } from '../address.js';
import { doubling } from '../async/backoff.js';
import type { Clock, Timer } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import { oldestOpen } from '../db/inbound/open-work.js';
import { codeOf, reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { SessionManager } from '../session-manager.js';
import { type HostVoice, isTerminal, type Sentence, sentences } from '../voice/index.js';

/** For as long as the message waits and its chat does not know why. */
const AGAIN = { firstMs: 5000, longestMs: 5 * 60_000 };
/** Of how many that wait the chats are told. */
const MOST_MESSAGES = 50;

type Problem = Parameters<BlockedNotices['blocked']>[1];

export interface BlockedNotices {
  /** For `ContainerRunner.onBlocked`: tells the chats whose messages wait, at most once an hour for the same cause. */
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
  voice: Pick<HostVoice, 'durable'>;
}): BlockedNotices {
  const { clock, log, sessions } = deps;
  const told = new Set<string>();
  /** Chats that could not be told, by session and cause: one timer each. */
  const waiting = new Map<string, Map<string, Timer>>();

  const tell = async (sessionId: string, problem: Problem) => {
    const now = clock.now();
    const open = sessions.read(sessionId, (db) => oldestOpen(db, now, MOST_MESSAGES));
    const chats = new Map(open.map((message) => [threadKey(message), addressOf(message)]));
    for (const to of chats.values()) {
      await deps.voice.durable(sessionId, {
        to,
        text: sentenceFor(problem, to),
        dedupeKey: { hourly: `blocked:${problem.code}:${to.platformId}:${to.threadId}` },
        code: problem.code,
      });
      told.add(sessionId);
    }
  };
  const attempt = (sessionId: string, problem: Problem, failures: number): void => {
    tell(sessionId, problem).catch((error: unknown) => {
      const timers = waiting.get(sessionId) ?? new Map<string, Timer>();
      // Unregistered meanwhile: nobody waits any more.
      if (timers.has(problem.code) || codeOf(error) === 'session-unknown') return;
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'notice not stored, trying again');
      const timer = clock.after(doubling(failures, AGAIN), () => {
        timers.delete(problem.code);
        if (timers.size === 0) waiting.delete(sessionId);
        attempt(sessionId, problem, failures + 1);
      });
      waiting.set(sessionId, timers.set(problem.code, timer));
    });
  };
  return {
    blocked: (sessionId, problem) => attempt(sessionId, problem, 1),
    unblocked(sessionId) {
      told.delete(sessionId);
      for (const timer of waiting.get(sessionId)?.values() ?? []) timer.cancel();
      waiting.delete(sessionId);
    },
    isBlocked: (sessionId) => told.has(sessionId),
  };
}

/** Causes name folders and commands of the host: for the terminal alone. */
function sentenceFor({ code, message: cause, fix }: Problem, to: Address): Sentence {
  const { waits } = sentences;
  if (isTerminal(to)) return waits.terminal({ cause, fix });
  if (code === 'all-places-taken') return waits.busy();
  if (code === 'crash-loop') return waits.stopping();
  if (code === 'disk-limit') return waits.filesFull();
  if (code === 'disk-full') return waits.diskFull();
  return /^(credential|onecli)-/.test(code) ? waits.noModel() : waits.other();
}
