import { sameChat } from '../address.js';
import { sessionsOfAgentGroup } from '../db/central/sessions.js';
import { openTasks } from '../db/inbound/tasks.js';
import type { TaskVerb } from '../tasks/control.js';
import { type ListedTask, listed, named, zonedMinute } from '../tasks/listing.js';
import { type Sentence, sentences } from '../voice/index.js';
import type { Command, CommandCall, CommandDeps, CommandTarget } from './types.js';

const LONGEST_LIST = 30;
/** So many conversations are looked into before others have their turn. */
const AT_ONCE = 16;

/** `/tasks`: what the agent will do by itself in this chat, and an end to it. For those who decide about the agent. */
export const tasks: Command = {
  mayUse: ({ role }) => role === 'owner' || role === 'admin',
  async run(target, call, deps) {
    const [verb, given] = call.args;
    const { here, elsewhere } = await tasksAround(target, call, deps);
    if (verb === undefined) return list(here, elsewhere, deps);
    if (!isVerb(verb) || given === undefined) return sentences.tasks.which();
    const meant = given.toLowerCase() === 'all' ? here : named(here, given);
    const [first, second] = meant;
    if (!first) return sentences.tasks.unknown({ given: given.slice(0, 40) });
    if (second && given.toLowerCase() !== 'all') return sentences.tasks.ambiguous();
    const results: { id: string; said: string }[] = [];
    for (const task of meant) {
      const { said } = await deps.taskControl.apply(verb, task, call.senderId);
      results.push({ id: task.id, said });
    }
    return sentences.tasks.results({ results });
  },
};

const isVerb = (word: string): word is Exclude<TaskVerb, 'run-now'> =>
  ['cancel', 'pause', 'resume'].includes(word);

/**
 * Open tasks that this chat's conversations have or that will run in this chat, and how many others the agent group has:
 * what those are about is not said, for they belong to other chats.
 */
async function tasksAround(
  { agentGroup, messagingGroup }: CommandTarget,
  { to }: CommandCall,
  { db, sessions, log }: CommandDeps,
): Promise<{ here: ListedTask[]; elsewhere: number }> {
  const found: Parameters<typeof listed>[0][number][] = [];
  const ofChat = new Set<string>();
  for (const [index, { id, messagingGroupId }] of sessionsOfAgentGroup(db, agentGroup.id).entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    if (messagingGroupId === messagingGroup.id) ofChat.add(id);
    try {
      found.push(...sessions.read(id, openTasks).map((task) => ({ sessionId: id, task })));
    } catch {
      log.warn({ session: id }, 'tasks not read');
    }
  }
  const all = listed(found);
  const here = all.filter(({ sessionId, address }) => ofChat.has(sessionId) || sameChat(address, to));
  return { here, elsewhere: all.length - here.length };
}

function list(here: ListedTask[], elsewhere: number, { timeZone }: CommandDeps): Sentence {
  if (here.length === 0) return sentences.tasks.none({ elsewhere });
  const lines = here.slice(0, LONGEST_LIST).map(({ id, state, next, recurrence, prompt }) => {
    const when = next === null ? 'at once' : zonedMinute(next, timeZone);
    const at = state === 'active' ? when : state === 'running' ? 'runs now' : 'paused';
    return `${id}  ${at}${recurrence === null ? '' : ` (${spelled(recurrence)})`}: "${prompt}"`;
  });
  return sentences.tasks.list({ lines, hidden: here.length - lines.length, elsewhere });
}

/** A cron expression has stars, which some chats take for formatting. */
const spelled = (recurrence: string) => `\`${recurrence.replaceAll('`', '')}\``;
