import { getMainAgentGroup } from '../db/central/agent-groups.js';
import type { CentralDb } from '../db/central/index.js';
import { getMessagingGroup } from '../db/central/messaging-groups.js';
import { listWiringsOfAgentGroup } from '../db/central/wirings.js';
import { BadRowError } from '../db/stored-json.js';
import type { AgentGroup, MessagingGroup, Wiring } from '../db/types.js';

/** The main chat, where it is another agent group's than that of this folder. */
export function otherMain(db: CentralDb, folder: string): ReturnType<typeof mainChat> {
  const main = readable(() => mainChat(db));
  return main?.agentGroup.folder.toLowerCase() === folder.toLowerCase() ? undefined : main;
}

/** Where a row cannot be used nothing reaches that chat: making another one the main chat is the cure. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadRowError) return undefined;
    throw error;
  }
}

/** Where the owner's notices and approvals go: the main group's first chat; undefined: there is none. */
export function mainChat(
  db: CentralDb,
): { agentGroup: AgentGroup; wiring: Wiring; messagingGroup: MessagingGroup } | undefined {
  const agentGroup = getMainAgentGroup(db);
  const [wiring] = agentGroup ? listWiringsOfAgentGroup(db, agentGroup.id) : [];
  const messagingGroup = wiring && getMessagingGroup(db, wiring.messagingGroupId);
  return agentGroup && wiring && messagingGroup && { agentGroup, wiring, messagingGroup };
}
