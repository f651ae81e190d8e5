import type { CentralDb } from '../../db/central/index.js';
import { getMessagingGroup } from '../../db/central/messaging-groups.js';
import { listWiringsOfAgentGroup } from '../../db/central/wirings.js';
import type { AgentGroup } from '../../db/types.js';
import { RegistrationError } from './request.js';

/** The mock never stands in for Claude: outside the terminal nobody may be answered by it. Throws `mock-group`. */
export function refuseMockOnPlatform(db: CentralDb, agentGroup: AgentGroup): void {
  if (agentGroup.agentProvider !== 'mock') return;
  const chat = listWiringsOfAgentGroup(db, agentGroup.id)
    .map((wiring) => getMessagingGroup(db, wiring.messagingGroupId))
    .find((group) => group && group.channelType !== 'cli');
  if (!chat) return;
  throw new RegistrationError(
    'mock-group',
    `The agent group ${agentGroup.folder} is the mock, and ${chat.platformId} is a chat with people.`,
    `Choose another --folder, or make it real first: ./wharfie group --folder ${agentGroup.folder} --provider claude`,
  );
}
