import type { InboundEvent } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CentralDb } from '../db/central/index.js';
import {
  addQuestion,
  closeQuestion,
  expireBeyond,
  forgetQuestions,
  lastClosedAt,
  type NewQuestion,
  postponeQuestion,
  type Question,
  questionsDue,
  questionsOfChat,
} from '../db/central/questions.js';
import { personBehind, together } from '../db/inbound/behind.js';
import { messageIdsOf } from '../db/inbound/ledger-targets.js';
import { findByPlatformMessage, insertMessage } from '../db/inbound/messages-in.js';
import { lastPersonAt } from '../db/inbound/open-work.js';
import type { Delivery } from '../delivery/types.js';
import { codeOf, reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { EngagedWiring, Taken } from '../router/types.js';
import type { SessionManager } from '../session-manager.js';
import type { Answer, Ask } from './ask.js';
import { answeredNews, answerRowId, expiredNews, lateWords, notYours, outcomeOf } from './words.js';

const DAY_MS = 86_400_000;
const DEFAULT_MS = DAY_MS;
const LONGEST_MS = 31 * DAY_MS;
/** How long a late answer is told what became of its question. */
const REMEMBERED_MS = 7 * DAY_MS;
const TRY_AGAIN_MS = 10 * 60_000;
/** Open questions of one session; more, and the oldest expire. */
const MOST_OPEN = 50;
const AT_ONCE = 100;

export interface Asked
  extends Pick<
    NewQuestion,
    'sessionId' | 'messageKey' | 'questionId' | 'to' | 'question' | 'options' | 'askedFor' | 'behind'
  > {
  /** How long the agent wants to wait, milliseconds; undefined: it did not say. */
  timeoutMs: number | undefined;
}

export interface Questions {
  /** A container asks; before its row is recorded, so that no answer can come too early. Again changes nothing. */
  asked(question: Asked): void;
  /** What was asked in the chat of an event by agents that hear its sender, newest first, closed ones for some time. */
  askedIn(event: InboundEvent, hearing: readonly EngagedWiring[]): Ask[] | 'taken-in';
  /** Ends what nobody answered in time; a bounded number at a time. Never rejects. */
  expire(): Promise<void>;
}

export interface QuestionsDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'read' | 'write'>;
  containers: Pick<ContainerRunner, 'wake'>;
  notice: Delivery['notice'];
}

/** What agents ask: rows that outlive every process that is involved. */
export function createQuestions(deps: QuestionsDeps): Questions {
  const { db, clock, log, sessions } = deps;

  /** An agent that said how long it would wait is woken for the end, but not twice without a person or a task in between. */
  const wakesAtEnd = ({ sessionId, timed }: Question): boolean => {
    // It could ask again for ever. Others read it with their next turn.
    const woken = timed ? lastClosedAt(db, sessionId, 'expired') : null;
    if (!timed || woken === null) return timed;
    const said = sessions.read(sessionId, lastPersonAt) ?? 0;
    return Math.max(said, lastClosedAt(db, sessionId, 'answered') ?? 0) > woken;
  };

  /** Ends a question by an answer, or without one; false: it had one already. */
  async function close(question: Question, answer: Answer | null): Promise<boolean> {
    const { sessionId, to } = question;
    const now = clock.now();
    const sender = answer && { ...answer.event.sender, role: answer.role };
    const trigger = answer || wakesAtEnd(question) ? 1 : 0;
    // The row's name is that of the question: whoever writes it first has answered, or ended, it.
    const { inserted } = await sessions.write(
      sessionId,
      (inbound) =>
        insertMessage(inbound, {
          ...{ id: answerRowId(question), kind: 'system', trigger, address: to, createdAt: now },
          ...(answer && { platformMessageId: answer.event.messageId }),
          // What comes of it is still the asker's affair: whoever answers does not make it his own.
          behind: sender ? together([question.behind, personBehind(sender)]) : question.behind,
          content: {
            type: 'news',
            text: answer && sender ? answeredNews(question, answer.option, sender) : expiredNews(question),
          },
        }),
      trigger === 1 ? { dueAt: now } : {},
    );
    // Not inserted: it was answered, and the host ended before it wrote that down here.
    const state = inserted && !answer ? 'expired' : 'answered';
    const outcome = inserted && answer ? outcomeOf(answer.option, answer.event.sender) : '';
    closeQuestion(db, question, { state, outcome }, now);
    if (!inserted) return false;
    const about = { session: sessionId, question: question.questionId, trigger };
    log.info({ ...about, ...(sender && { sender: sender.id }) }, `question ${state}`);
    if (trigger === 1) deps.containers.wake(sessionId);
    return true;
  }

  async function answered(question: Question, answer: Answer): Promise<Taken> {
    const { sessionId, state } = question;
    if (state !== 'open') return late(question, answer);
    if (!(await close(question, answer))) return late({ ...question, state: 'answered' }, answer);
    return { kind: 'routed', woken: [sessionId], context: [] };
  }

  async function late(question: Question, { event }: Answer): Promise<Taken> {
    const { channelType, platformId, threadId, messageId } = event;
    const to = { channelType, platformId, threadId };
    const dedupeKey = `late-answer:${platformId}:${messageId}`;
    await deps.notice(question.sessionId, { to, text: lateWords(question), dedupeKey, code: 'late-answer' });
    return { kind: 'command' };
  }

  /** Is the event an answer that a session has taken in? Null: its questions must not hold up what is said to others. */
  function tookIn(event: InboundEvent, sessionId: string): boolean | null {
    try {
      const read = sessions.read(sessionId, (inbound) =>
        findByPlatformMessage(inbound, event, event.messageId),
      );
      // Only an answer ends here; a message may have to go on to others.
      return read?.kind === 'system';
    } catch (error) {
      if (codeOf(error) === 'session-closed') throw error;
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'questions of a session not looked at');
      return null;
    }
  }

  async function endOrPostpone(question: Question): Promise<void> {
    try {
      await close(question, null);
    } catch (error) {
      // The host is going down: the next one does it.
      if (codeOf(error) === 'session-closed') throw error;
      const about = { session: question.sessionId, question: question.questionId, reason: reasonOf(error) };
      log.warn(about, 'question not ended');
      // Behind the others: a session that is broken must not stand in their way.
      postponeQuestion(db, question, clock.now() + TRY_AGAIN_MS);
    }
  }

  let expiring = false;
  return {
    asked({ timeoutMs, ...question }) {
      const now = clock.now();
      const timeout = Math.min(timeoutMs ?? DEFAULT_MS, LONGEST_MS);
      const timed = timeoutMs !== undefined;
      addQuestion(db, { ...question, timed, expiresAt: now + timeout, createdAt: now });
      expireBeyond(db, question.sessionId, MOST_OPEN, now);
    },
    askedIn(event, hearing) {
      const heard = questionsOfChat(db, event, AT_ONCE).filter(({ agentGroupId }) =>
        hearing.some(({ agentGroup }) => agentGroup.id === agentGroupId),
      );
      const sessionIds = new Set(heard.map(({ sessionId }) => sessionId));
      const took = new Map([...sessionIds].map((sessionId) => [sessionId, tookIn(event, sessionId)]));
      if ([...took.values()].includes(true)) return 'taken-in';
      return heard
        .filter(({ sessionId }) => took.get(sessionId) === false)
        .map((question) => ({
          ...question,
          isExact: false,
          messageIds: () =>
            sessions.read(question.sessionId, (inbound) => messageIdsOf(inbound, question.messageKey)),
          answered: (answer) => answered(question, answer),
          refused: () => ({ kind: 'refused', text: notYours(question) }),
        }));
    },
    async expire() {
      if (expiring) return;
      expiring = true;
      try {
        for (const question of questionsDue(db, clock.now(), AT_ONCE)) await endOrPostpone(question);
        forgetQuestions(db, clock.now() - REMEMBERED_MS, AT_ONCE);
      } catch (error) {
        log.warn({ reason: reasonOf(error) }, 'questions not looked through');
      } finally {
        expiring = false;
      }
    },
  };
}
