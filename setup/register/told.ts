import { assistantNameOf } from '../../src/db/central/agent-groups.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { findMessagingGroup } from '../../src/db/central/messaging-groups.js';
import { listWiredAgents } from '../../src/db/central/wirings.js';
import type { TriggerRules } from '../../src/db/types.js';
import type { Fields } from '../lib/step.js';

export const triggerText = ({ pattern }: TriggerRules): string =>
  pattern === undefined ? 'none' : [pattern].flat().join(', ');

/**
 * What calls the agent in this chat, and, where others are wired there as well, what calls each of them: one more agent
 * takes the place of none.
 */
export function agentsIn(db: CentralDb, channelType: string, platformId: string, folder: string): Fields {
  const chat = findMessagingGroup(db, channelType, platformId);
  const wired = chat ? listWiredAgents(db, chat.id).usable : [];
  const own = wired.find((one) => one.agentGroup.folder === folder);
  const others = wired.filter((one) => one !== own);
  if (!own) return {};
  const told = (one: (typeof wired)[number]) => ({
    folder: one.agentGroup.folder,
    assistant: assistantNameOf(one.agentGroup),
    trigger: triggerText(one.wiring.triggerRules),
    triggerRequired: one.wiring.triggerRules.requiresTrigger,
  });
  const { assistant, trigger } = told(own);
  const names = others.map((one) => told(one).assistant).join(', ');
  return {
    ASSISTANT: assistant,
    TRIGGER: trigger,
    TRIGGER_REQUIRED: own.wiring.triggerRules.requiresTrigger,
    MAIN: own.agentGroup.isAdmin,
    ...(others.length > 0 && {
      ALSO_HERE: others.map(told),
      NOTE:
        `${assistant} is one more agent in this chat, besides ${names}: each keeps its own memory and answers what calls ` +
        `it. ${trigger === 'none' ? 'Nothing calls this one by name' : `This one is called with ${trigger}`}.`,
    }),
  };
}
