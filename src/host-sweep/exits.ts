import { isFault } from '../container-runner/reasons.js';
import { deliveryCursor } from '../db/delivery-cursor.js';
import { readRoute } from '../db/destinations.js';
import type { InboundDb } from '../db/inbound.js';
import { failMessages, type OpenMessage } from '../db/messages-in.js';
import { insertNotice } from '../db/notices.js';
import { oldestOpen, setTriedMessage, triedMessage } from '../db/open-work.js';
import { setTries, triesOf } from '../db/session-tries.js';
import type { ExitReport } from '../engine/types.js';
import { newId } from '../ids.js';
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
function tell(db: InboundDb, message: OpenMessage, text: string, now: number): void {
  const { channelType, platformId, threadId } = message;
  const to = platformId === '' ? readRoute(db) : { channelType, platformId, threadId };
  if (!to) return;
  const dedupeKey = `given-up:${message.id}`;
  insertNotice(db, { id: newId('ntc'), to, text, afterSeq: deliveryCursor(db).seq, dedupeKey }, now);
}

function sentenceFor(report: ExitReport): string {
  // The flag is also set when only a child was killed and the runner ended well.
  if (report.outOfMemory && report.exitCode !== 0) {
    return (
      'I ran out of memory each time I worked on your last message, so I have given up on it. ' +
      'A smaller task may work; whoever runs me can give me more memory.'
    );
  }
  return (
    'I stopped unexpectedly each time I worked on your last message, so I have given up on it. ' +
    'You can send it again; my log says why I stopped.'
  );
}
