import type { CentralDb } from '../../db/central/index.js';
import { hasOwner, membershipsOf, roleIn, setMembership } from '../../db/central/users.js';
import type { AgentGroup, MessagingGroup, Role } from '../../db/types.js';
import { type CheckedRequest, RegistrationError } from './request.js';

/** A role that this registration gave. */
export interface RoleGrant {
  userId: string;
  role: 'owner' | 'admin' | 'member';
}

const RANK: Record<Exclude<Role, 'blocked'>, number> = { member: 1, admin: 2, owner: 3 };

/**
 * Lets in the person that the registration names: an owner if there is none yet and it may make one, else the
 * administrator of the agent group, or as the counterpart of a direct message its member. Never takes a role away.
 */
export function grantRoles(
  db: CentralDb,
  request: CheckedRequest,
  pair: { messagingGroup: MessagingGroup; agentGroup: AgentGroup },
  now: number,
): RoleGrant[] {
  const { messagingGroup, agentGroup } = pair;
  const userId = request.adminUserId ?? (messagingGroup.isGroup ? null : messagingGroup.adminUserId);
  if (userId === null) return [];
  const current = roleIn(membershipsOf(db, userId), agentGroup.id);
  if (current === 'blocked') {
    throw new RegistrationError(
      'user-blocked',
      `${userId} is blocked and cannot be let in by a registration.`,
      `Unblock first: ./wharfie members --remove ${userId}`,
    );
  }
  const mayOwn = request.ownerIfNone ?? request.isMain ?? false;
  const { ownerBeside } = request;
  const isFirst = !hasOwner(db) || (ownerBeside !== undefined && !hasOwner(db, ownerBeside));
  const role = mayOwn && isFirst ? 'owner' : request.adminUserId ? 'admin' : 'member';
  if (current !== null && RANK[current] >= RANK[role]) return [];
  setMembership(db, {
    userId,
    ...(request.adminUserName === undefined ? {} : { name: request.adminUserName }),
    agentGroupId: role === 'owner' ? null : agentGroup.id,
    role,
    now,
  });
  return [{ userId, role }];
}
