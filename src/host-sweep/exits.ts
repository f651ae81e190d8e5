import { isFault } from '../container-runner/reasons.js';
import { setTries, triesOf } from '../db/central/session-tries.js';
import { readRoute } from '../db/inbound/destinations.js';
import type { InboundDb } from '../db/inbound/index.js';
import { failMessages, type OpenMessage } from '../db/inbound/messages-in.js';
import { oldestOpen, setTriedMessage, triedMessage } from '../db/inbound/open-work.js';
import type { ExitReport } from '../engine/types.js';
import { noticeAt, type Sentence, sentences } from '../voice/index.js';
import type { HostSweepDeps } from './deps.js';

/** A message is given up when it was left unanswered by this many containers. */
const MAX_TRIES = 3;

/** Counts the try that an exit was, and ends the message that used up its tries. Give it to `ContainerRunner.onExit`. */
export type ExitHandler = (
  sessionId: string,
  report: ExitReport,
  incarnation: number,
  reason: string | null,
) => Promise<void>;

export function createExitHandler(
  deps: HostSweepDeps,
  drain: (sessionId: string) => Promise<boolean>,
): ExitHandler {
  const { central, clock, log, sessions, tasks } = deps;
  const openNow = (sessionId: string, limit: number) =>
    sessions.read(sessionId, (db) => oldestOpen(db, clock.now(), limit));

  /** Tries of the oldest message. Another one is the oldest than last time: that one was answered, counting starts. */
  const countTry = async (sessionId: string, head: OpenMessage): Promise<number> => {
    const known = sessions.read(sessionId, triedMessage) === head.id;
    const tries = known ? triesOf(central, sessionId) + 1 : 1;
    setTries(central, sessionId, tries);
    if (!known) await sessions.write(sessionId, (db) => setTriedMessage(db, head.id));
    return tries;
  };
  /**
   * Only the oldest goes: of several that one turn had claimed, which one is the poison is not known, and those
   * behind it get their own try. It is the last one for each, until one is answered.
   */
  const giveUp = async (sessionId: string, report: ExitReport): Promise<void> => {
    const now = clock.now();
    const next = await sessions.write(sessionId, (db) => {
      const [head, second] = oldestOpen(db, now, 2);
      if (!head) return undefined;
      failMessages(db, [head.id]);
      tasks.settled(db, [head.id], now);
      tell(db, head, sentenceFor(report), now);
      if (second) setTriedMessage(db, second.id);
      log.error({ session: sessionId, message: head.id }, 'message given up');
      return second;
    });
    setTries(central, sessionId, next ? MAX_TRIES - 1 : 0);
  };
  return async (sessionId, report, incarnation, reason) => {
    const readAll = await drain(sessionId);
    const [head] = openNow(sessionId, 1);
    if (!head) return setTries(central, sessionId, 0);
    if (!isFault(reason)) return;
    // The answer may be in what is left to read: given up now, its message would get both.
    if (!readAll) {
      log.info({ session: sessionId, incarnation, message: head.id }, 'not all read: no try is counted');
      return;
    }
    const tries = await countTry(sessionId, head);
    log.warn({ session: sessionId, incarnation, message: head.id, tries }, 'container left a message open');
    if (tries < MAX_TRIES) return;
    await giveUp(sessionId, report);
    await drain(sessionId);
  };
}

/** In the same transaction as the failure: never one without the other. */
function tell(db: InboundDb, message: OpenMessage, text: Sentence, now: number): void {
  const { channelType, platformId, threadId } = message;
  const to = platformId === '' ? readRoute(db) : { channelType, platformId, threadId };
  if (!to) return;
  noticeAt(db, { to, text, dedupeKey: `given-up:${message.id}` }, now);
}

function sentenceFor({ outOfMemory, exitCode }: ExitReport): Sentence {
  // The flag is also set when only a child was killed and the runner ended well.
  return outOfMemory && exitCode !== 0 ? sentences.givenUp.outOfMemory() : sentences.givenUp.stopped();
}
