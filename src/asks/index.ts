import type { InboundEvent } from '../channels/adapter.js';
import { codeOf } from '../errors.js';
import type { AnswerTaker, EngagedWiring, Taken } from '../router/types.js';
import { type Ask, matchAnswer, mayAnswer, wordsOf } from './ask.js';
import { createHeldRequests, type HeldDeps, type HeldRequests } from './held-requests.js';
import { createQuestions, type Questions, type QuestionsDeps } from './questions.js';

export type { Asked } from './questions.js';

/**
 * What is asked of people in chats, and their answers. It comes from two sources: agents' questions, which outlive every
 * process that is involved, and requests that are held while somebody decides.
 */
export interface Asks
  extends AnswerTaker,
    Pick<Questions, 'asked' | 'expire'>,
    Pick<HeldRequests, 'decide'> {}

export function createAsks(deps: QuestionsDeps & HeldDeps): Asks {
  const questions = createQuestions(deps);
  const held = createHeldRequests(deps);

  async function take(event: InboundEvent, hearing: readonly EngagedWiring[]): Promise<Taken> {
    const asked = questions.askedIn(event, hearing);
    if (asked === 'taken-in') return { kind: 'duplicate' };
    const { id } = event.sender;
    /** The role in which the sender may answer; null: not at all. */
    const roleFor = (ask: Ask) => {
      const role = hearing.find(({ agentGroup }) => agentGroup.id === ask.agentGroupId)?.role;
      return role !== undefined && mayAnswer(ask, { id, role }) ? role : null;
    };
    // A button is meant for what it stands below. Words of somebody who may not answer are said to the agent, as any others.
    const isMeant = (ask: Ask) => event.kind === 'click' || ask.isExact || roleFor(ask) !== null;
    const patterns = hearing.flatMap(({ wiring }) => wiring.triggerRules.pattern ?? []);
    const asks = [...held.askedIn(event), ...asked].filter(isMeant);
    const match = matchAnswer(event, asks, { patterns, now: deps.clock.now() });
    if (!match) return held.takeStray(event, wordsOf(event, patterns));
    const role = roleFor(match.ask);
    return role === null
      ? match.ask.refused(event)
      : match.ask.answered({ option: match.option, event, role });
  }

  return {
    ...{ asked: questions.asked, expire: questions.expire, decide: held.decide },
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
  };
}
