import type { StoredSender } from '../db/content.js';
import type { MessagingGroup } from '../db/types.js';
import { type Membership, roleIn } from '../db/users.js';
import type { WiredAgent } from '../db/wirings.js';
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

function storedRole(role: 'owner' | 'admin' | 'member' | null): StoredSender['role'] {
  return role ?? 'guest';
}
