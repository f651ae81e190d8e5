import { getMainAgentGroup } from './db/agent-groups.js';
import type { CentralDb } from './db/central.js';
import { getMessagingGroup } from './db/messaging-groups.js';
import type { AgentGroup, MessagingGroup, Wiring } from './db/types.js';
import { listWiringsOfAgentGroup } from './db/wirings.js';

/** Where the owner's notices and approvals go: the main group's first chat; undefined: there is none. */
export function mainChat(
  db: CentralDb,
): { agentGroup: AgentGroup; wiring: Wiring; messagingGroup: MessagingGroup } | undefined {
  const agentGroup = getMainAgentGroup(db);
  const [wiring] = agentGroup ? listWiringsOfAgentGroup(db, agentGroup.id) : [];
  const messagingGroup = wiring && getMessagingGroup(db, wiring.messagingGroupId);
  return agentGroup && wiring && messagingGroup && { agentGroup, wiring, messagingGroup };
}
