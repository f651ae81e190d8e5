import { assistantNameOf } from '../../src/db/central/agent-groups.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listWiredAgents, type WiredAgent } from '../../src/db/central/wirings.js';
import type { MessagingGroup } from '../../src/db/types.js';
import { quoted, registerAgainCommand } from '../../src/people/registration/command.js';
import type { Finding } from './types.js';

/** Agents that are wired, and that nothing a person says would ever call. */
export function judgeTriggers(db: CentralDb, only: string | undefined): Finding[] {
  return listMessagingGroups(db)
    .filter((chat) => chat.wired && (only === undefined || chat.channelType === only))
    .flatMap((chat) => {
      const agents = listWiredAgents(db, chat.id).usable;
      return [...unsayable(chat, agents), ...neverCalled(chat, agents)];
    });
}

function unsayable(chat: MessagingGroup, agents: readonly WiredAgent[]): Finding[] {
  // A direct message calls the agent whatever it says.
  if (!chat.isGroup) return [];
  return agents.flatMap(({ wiring: { triggerRules }, agentGroup }): Finding[] => {
    const { pattern, requiresTrigger } = triggerRules;
    const patterns = pattern === undefined ? [] : [pattern].flat();
    const whys = patterns.map((one) => whyUnsayable(one, chat.channelType));
    const [why] = whys;
    if (!requiresTrigger || !why || whys.includes(null)) return [];
    const message = `The trigger ${JSON.stringify(patterns[0]?.slice(0, 60))} of ${agentGroup.folder} in ${chat.platformId} is nothing that anybody says: ${why}.`;
    return [warning('trigger-unsayable', message, withTrigger(chat, { agentGroup }))];
  });
}

/** Why the words are compared in vain (src/engage.ts); null: they can be said. */
export function whyUnsayable(pattern: string, channelType: string): string | null {
  if (pattern.trim() === '') return 'it is blank';
  if (pattern !== pattern.trim()) return 'a blank at its end must stand beside another one';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(pattern)) return 'it goes over more than one line';
  if (/\\[a-z]|\.[*+]|\(\?|^\^|^\/.+\/[a-z]*$/i.test(pattern)) {
    return 'it is a regular expression, and a trigger is a plain word';
  }
  // https://docs.slack.dev/interactivity/implementing-slash-commands: such a message is a command, and never posted.
  if (channelType === 'slack' && pattern.startsWith('/')) return 'Slack takes it for a command of its own';
  return null;
}

/** Behind another agent, with no word of its own: a mention or a direct message calls the first one alone. */
function neverCalled(chat: MessagingGroup, agents: readonly WiredAgent[]): Finding[] {
  const uncalled = agents.find(({ wiring }) => chat.isGroup && !wiring.triggerRules.requiresTrigger);
  const [first, ...others] = agents;
  return others.flatMap((agent): Finding[] => {
    if (agent === uncalled || agent.wiring.triggerRules.pattern !== undefined) return [];
    const message = `${agent.agentGroup.folder} stands behind ${first?.agentGroup.folder} in ${chat.platformId} and has no trigger: nothing calls it there.`;
    return [warning('agent-never-called', message, withTrigger(chat, agent))];
  });
}

function withTrigger(chat: MessagingGroup, { agentGroup }: Pick<WiredAgent, 'agentGroup'>): string {
  return `${registerAgainCommand(chat, agentGroup.folder)} --trigger ${quoted(`@${assistantNameOf(agentGroup)}`)}`;
}

function warning(id: string, message: string, fix: string): Finding {
  return { id, layer: 'wiring', severity: 'warning', message, fix };
}
