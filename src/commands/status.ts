import { sameChat } from '../address.js';
import { listTroubled } from '../db/inbound/ledger-troubles.js';
import { openMessages } from '../db/inbound/messages-in.js';
import type { StageTimes } from '../metrics/index.js';
import { type Sentence, sentences } from '../voice/index.js';
import type { Command, CommandDeps } from './types.js';

const MOST = 100;

/** `/status`: what the agent does, what waits, what did not arrive. Nothing of other chats. */
export const status: Command = {
  async run({ session, agentGroup }, { to }, deps) {
    const now = deps.clock.now();
    const { waiting, troubled } = deps.sessions.read(session.id, (db) => ({
      waiting: openMessages(db, now).length,
      troubled: listTroubled(db, now, MOST).filter((one) => sameChat(one.to, to)),
    }));
    const late = troubled.filter((one) => one.state === 'late').length;
    const lost = troubled.length - late;
    const said = sentences.status;
    const lines = [doing(session.id, agentGroup.name, waiting, deps)];
    if (agentGroup.agentProvider === 'mock') lines.push(said.mock());
    const times = deps.stages.last(session.id, to);
    if (times) lines.push(tookSentence(times));
    if (late > 0) lines.push(said.late({ count: late }));
    if (lost > 0) lines.push(said.lost({ count: lost }));
    return sentences.commands.all({ answers: lines });
  },
};

function doing(sessionId: string, name: string, open: number, { containers }: CommandDeps): Sentence {
  const { ready, asleep, queued, working, blocked } = sentences.status;
  const before = containers.snapshot().queued.indexOf(sessionId);
  if (before >= 0) return queued({ name, before, open });
  const isUp = containers.isUp(sessionId);
  if (open === 0) return isUp ? ready({ name }) : asleep({ name });
  return isUp ? working({ name, open }) : blocked({ name, open });
}

/** Of the last answer in this chat alone: figures of all chats are the operator's (`--step status`). */
function tookSentence({ total = 0, model, answer }: StageTimes): Sentence {
  const agent = model === undefined || answer === undefined ? null : seconds(model + answer);
  return sentences.status.took({ total: seconds(total), agent });
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
