import { listTroubled } from '../db/ledger-troubles.js';
import { openMessages } from '../db/messages-in.js';
import type { StageTimes } from '../stage-times.js';
import { type Command, type CommandDeps, everybody } from './types.js';

const MOST = 100;

/** `/status`: what the agent does, what waits, what did not arrive. Nothing of other chats. */
export const status: Command = {
  mayUse: everybody,
  async run({ session, agentGroup }, { to }, deps) {
    const now = deps.clock.now();
    const { waiting, troubled } = deps.sessions.read(session.id, (db) => ({
      waiting: openMessages(db, now).length,
      troubled: listTroubled(db, now, MOST).filter(
        (one) => one.to.channelType === to.channelType && one.to.platformId === to.platformId,
      ),
    }));
    const late = troubled.filter((one) => one.state === 'late').length;
    const lost = troubled.length - late;
    const lines = [`${agentGroup.name} ${doing(session.id, waiting, deps)}.`];
    if (agentGroup.agentProvider === 'mock') lines.push('This is the mock agent: no model answers here.');
    const times = deps.stages.last(session.id, to);
    if (times) lines.push(tookSentence(times));
    if (late > 0) lines.push(`Waiting to be delivered here: ${late}.`);
    if (lost > 0) lines.push(`May not have arrived here: ${lost}. /again sends it once more.`);
    return lines.join('\n');
  },
};

function doing(sessionId: string, waiting: number, { containers }: CommandDeps): string {
  const { queued } = containers.snapshot();
  const place = queued.indexOf(sessionId);
  const open = waiting === 1 ? '1 message' : `${waiting} messages`;
  if (place >= 0) return `waits for a free place, ${place} before it, with ${open} to answer`;
  if (waiting === 0) return containers.isUp(sessionId) ? 'is ready' : 'is asleep until the next message';
  return containers.isUp(sessionId)
    ? `works on ${open}`
    : `cannot work just now; ${open} to answer when it can`;
}

/** Of the last answer in this chat alone: figures of all chats are the operator's (`--step status`). */
function tookSentence({ total = 0, model, answer }: StageTimes): string {
  const thinking = model === undefined || answer === undefined ? null : model + answer;
  const share = thinking === null ? '' : `, of which the agent took ${seconds(thinking)}`;
  return `The last answer here took ${seconds(total)}${share}.`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
