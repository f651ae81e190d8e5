import type { CentralDb } from '../db/central.js';
import { getMessagingGroup } from '../db/messaging-groups.js';
import type { AgentGroup } from '../db/types.js';
import { listWiringsOfAgentGroup } from '../db/wirings.js';
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
    `Choose another --folder, or make it real first: npx tsx setup/index.ts --step group -- --folder ${agentGroup.folder} --provider claude`,
  );
}
