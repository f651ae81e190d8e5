import { insertMessage } from '../db/messages-in.js';
import { lastPersonAt } from '../db/open-work.js';
import {
  closeQuestion,
  forgetQuestions,
  lastClosedAt,
  postponeQuestion,
  type Question,
  questionsDue,
} from '../db/questions.js';
import { codeOf, reasonOf } from '../errors.js';
import type { QuestionsDeps } from './types.js';
import { answerRowId, expiredNews } from './words.js';

const AT_ONCE = 100;
const TRY_AGAIN_MS = 10 * 60_000;
/** How long a late answer is told what became of its question. */
const REMEMBERED_MS = 7 * 86_400_000;

/**
 * Ends the questions whose time is over. An agent that said how long it would wait is woken for that, but not twice
 * without a person or a task in between: it could ask again for ever. Others read it with their next turn.
 */
export function createExpiry(deps: Omit<QuestionsDeps, 'notice'>): () => Promise<void> {
  const { db, clock, log, sessions } = deps;

  const wakes = ({ sessionId, timed }: Question): boolean => {
    const woken = timed ? lastClosedAt(db, sessionId, 'expired') : null;
    if (!timed || woken === null) return timed;
    const said = sessions.read(sessionId, lastPersonAt) ?? 0;
    return Math.max(said, lastClosedAt(db, sessionId, 'answered') ?? 0) > woken;
  };

  async function end(question: Question): Promise<void> {
    const { sessionId, to } = question;
    const now = clock.now();
    const trigger = wakes(question) ? 1 : 0;
    const row = { id: answerRowId(question), kind: 'system', trigger, address: to, createdAt: now } as const;
    const content = { type: 'news' as const, text: expiredNews(question) };
    const { inserted } = await sessions.write(sessionId, (inbound) =>
      insertMessage(inbound, { ...row, content }),
    );
    // Not inserted: it was answered, and the host ended before it wrote that down here.
    closeQuestion(db, question, { state: inserted ? 'expired' : 'answered', outcome: '' }, now);
    log.info({ session: sessionId, question: question.questionId, trigger }, 'question expired');
    if (inserted && trigger === 1) deps.containers.wake(sessionId);
  }

  async function endOrPostpone(question: Question): Promise<void> {
    try {
      await end(question);
    } catch (error) {
      // The host is going down: the next one does it.
      if (codeOf(error) === 'session-closed') throw error;
      const about = { session: question.sessionId, question: question.questionId, reason: reasonOf(error) };
      log.warn(about, 'question not ended');
      // Behind the others: a session that is broken must not stand in their way.
      postponeQuestion(db, question, clock.now() + TRY_AGAIN_MS);
    }
  }

  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      for (const question of questionsDue(db, clock.now(), AT_ONCE)) await endOrPostpone(question);
      forgetQuestions(db, clock.now() - REMEMBERED_MS, AT_ONCE);
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'questions not looked through');
    } finally {
      running = false;
    }
  };
}
