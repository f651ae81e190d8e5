import type { InboundEvent } from './channels/adapter.js';
import { messageIdsOf } from './db/ledger-targets.js';
import { findByPlatformMessage, insertMessage } from './db/messages-in.js';
import { addQuestion, closeQuestion, expireBeyond, type Question, questionsOfChat } from './db/questions.js';
import { codeOf, reasonOf } from './errors.js';
import { createExpiry } from './questions/expiry.js';
import { type Match, matchAnswer } from './questions/match.js';
import type { Questions, QuestionsDeps } from './questions/types.js';
import { answeredNews, answerRowId, lateWords, outcomeOf } from './questions/words.js';
import type { EngagedWiring, RouteOutcome } from './router/types.js';

export type { Asked, Questions, QuestionsDeps } from './questions/types.js';

const DAY_MS = 86_400_000;
const DEFAULT_MS = DAY_MS;
const LONGEST_MS = 31 * DAY_MS;
/** Open questions of one session; more, and the oldest expire. */
const MOST_OPEN = 50;
const LOOKED_AT = 100;

export function createQuestions(deps: QuestionsDeps): Questions {
  const { db, clock, log, sessions } = deps;

  function tookIn(event: InboundEvent, sessionId: string): boolean {
    const row = sessions.read(sessionId, (inbound) => findByPlatformMessage(inbound, event, event.messageId));
    // Only an answer ends here; a message may have to go on to others.
    return row?.kind === 'system';
  }

  /** The question of a session with broken files must not hold up what is said to others in the same chat. */
  function isReadable(sessionId: string): boolean {
    try {
      return sessions.read(sessionId, () => true);
    } catch (error) {
      if (codeOf(error) === 'session-closed') throw error;
      log.warn({ session: sessionId, reason: reasonOf(error) }, 'questions of a session not looked at');
      return false;
    }
  }

  async function answer(event: InboundEvent, { question, option }: Match<Question>): Promise<RouteOutcome> {
    const { sessionId, to } = question;
    const now = clock.now();
    // The row's name is that of the question: whoever writes it first has answered, or ended, it.
    const { inserted } = await sessions.write(
      sessionId,
      (inbound) =>
        insertMessage(inbound, {
          ...{ id: answerRowId(question), kind: 'system', trigger: 1, address: to, createdAt: now },
          platformMessageId: event.messageId,
          content: { type: 'news', text: answeredNews(question, option, event.sender) },
        }),
      { dueAt: now },
    );
    const outcome = inserted ? outcomeOf(option, event.sender) : '';
    closeQuestion(db, question, { state: 'answered', outcome }, now);
    if (!inserted) return late(event, { ...question, state: 'answered' });
    const { questionId } = question;
    log.info({ session: sessionId, question: questionId, sender: event.sender.id }, 'question answered');
    deps.containers.wake(sessionId);
    return { kind: 'routed', woken: [sessionId], context: [] };
  }

  async function late(event: InboundEvent, question: Question): Promise<RouteOutcome> {
    const { channelType, platformId, threadId, messageId } = event;
    const to = { channelType, platformId, threadId };
    const dedupeKey = `late-answer:${platformId}:${messageId}`;
    await deps.notice(question.sessionId, { to, text: lateWords(question), dedupeKey, code: 'late-answer' });
    return { kind: 'command' };
  }

  async function take(event: InboundEvent, hearing: readonly EngagedWiring[]): Promise<RouteOutcome | null> {
    const ours = (agentGroupId: string) => hearing.some((one) => one.agentGroup.id === agentGroupId);
    const asked = questionsOfChat(db, event, LOOKED_AT).filter((one) => ours(one.agentGroupId));
    const readable = new Map<string, boolean>();
    for (const { sessionId } of asked) {
      if (!readable.has(sessionId)) readable.set(sessionId, isReadable(sessionId));
    }
    const questions = asked.filter((one) => readable.get(one.sessionId));
    if (questions.length === 0) return null;
    const sessionIds = new Set(questions.map((one) => one.sessionId));
    if ([...sessionIds].some((id) => tookIn(event, id))) return { kind: 'duplicate' };
    const match = matchAnswer(event, questions, {
      patterns: hearing.flatMap(({ wiring }) => wiring.triggerRules.pattern ?? []),
      messageIds: ({ sessionId, messageKey }) =>
        sessions.read(sessionId, (inbound) => messageIdsOf(inbound, messageKey)),
      now: clock.now(),
    });
    if (!match) return null;
    return match.question.state === 'open' ? answer(event, match) : late(event, match.question);
  }

  return {
    asked({ timeoutMs, ...question }) {
      const now = clock.now();
      const timeout = Math.min(timeoutMs ?? DEFAULT_MS, LONGEST_MS);
      const timed = timeoutMs !== undefined;
      addQuestion(db, { ...question, timed, expiresAt: now + timeout, createdAt: now });
      expireBeyond(db, question.sessionId, MOST_OPEN, now);
    },
    async take(event, hearing) {
      if (event.sender.isBot || event.kind === 'reaction') return null;
      try {
        return await take(event, hearing);
      } catch (error) {
        // A session whose files are beyond use answers for nothing; the way of every message tells about it.
        if (codeOf(error) === 'session-corrupt') return null;
        throw error;
      }
    },
    expire: createExpiry(deps),
  };
}
