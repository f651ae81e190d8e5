import type { CentralDb } from '../db/central/index.js';
import { findMessagingGroup } from '../db/central/messaging-groups.js';
import { type Membership, membershipsOf, roleIn } from '../db/central/users.js';
import { listWiredAgents, type WiredAgent } from '../db/central/wirings.js';
import type { StoredSender } from '../db/content.js';
import type { MessagingGroup } from '../db/types.js';
import type { EngagedWiring } from './types.js';

export interface Admission {
  /** The wirings in which this sender is heard. */
  admitted: EngagedWiring[];
  /** The wirings that would hear somebody who is known; empty for a blocked sender. */
  refused: EngagedWiring[];
}

/**
 * Decides by the sender's stable id alone. `open` hears everybody, `known` and `pair` those with a role, and a
 * blocked sender is heard nowhere. Each wiring on its own: roles belong to agent groups.
 */
export function admit(
  chat: MessagingGroup,
  agents: readonly WiredAgent[],
  memberships: readonly Membership[],
): Admission {
  const admitted: EngagedWiring[] = [];
  const refused: EngagedWiring[] = [];
  for (const agent of agents) {
    const role = roleIn(memberships, agent.agentGroup.id);
    if (role === 'blocked') continue;
    const heard = role !== null || chat.unknownSenderPolicy === 'open';
    (heard ? admitted : refused).push({ ...agent, messagingGroup: chat, role: storedRole(role) });
  }
  return { admitted, refused };
}

/** Whether a chat that no agent serves takes anything of this sender. */
export const isBlockedEverywhere = (memberships: readonly Membership[]): boolean =>
  memberships.some((one) => one.role === 'blocked' && one.agentGroupId === null);

/** `heard`: by at least one agent of the chat · `unheard`: not let in, or nobody serves the chat. */
export function standingOf(
  db: CentralDb,
  asked: { channelType: string; platformId: string; senderId: string },
): 'heard' | 'unheard' | 'blocked' {
  const memberships = membershipsOf(db, asked.senderId);
  const chat = findMessagingGroup(db, asked.channelType, asked.platformId);
  const { usable, bad } = chat ? listWiredAgents(db, chat.id) : { usable: [], bad: [] };
  if (!chat || usable.length + bad.length === 0) {
    return isBlockedEverywhere(memberships) ? 'blocked' : 'unheard';
  }
  const { admitted, refused } = admit(chat, usable, memberships);
  if (admitted.length > 0) return 'heard';
  return refused.length === 0 && bad.length === 0 ? 'blocked' : 'unheard';
}

function storedRole(role: 'owner' | 'admin' | 'member' | null): StoredSender['role'] {
  return role ?? 'guest';
}
