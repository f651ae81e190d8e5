import type { Clock } from '../clock.js';
import { getAgentGroupByFolder } from '../db/central/agent-groups.js';
import { addAudit } from '../db/central/audit.js';
import type { CentralDb } from '../db/central/index.js';
import {
  hasOwner,
  type Membership,
  membershipsOf,
  removeMembership,
  setMembership,
} from '../db/central/users.js';
import type { Role } from '../db/types.js';
import { WharfieError } from '../errors.js';

/** Codes: `unknown-user` (no user id of a known channel), `unknown-folder`, `owner-is-for-all`. Nothing was written. */
export class MemberError extends WharfieError {}

export interface MemberChange {
  changed: boolean;
  /** What this person has now. */
  memberships: Membership[];
  /** There is an owner after the change. */
  hasOwner: boolean;
}

export interface Members {
  /** Gives a person a role in one agent group, or without `folder` in all. Throws a MemberError. */
  set(userId: string, role: Role, folder: string | undefined): MemberChange;
  /** Takes away the role in one agent group, or without `folder` every role, `blocked` too. Throws a MemberError. */
  remove(userId: string, folder: string | undefined): MemberChange;
}

/** Who may do what, changed by the operator. `channelOf`: the channel that an id's prefix names, or null. */
export function createMembers(deps: {
  db: CentralDb;
  clock: Clock;
  channelOf: (id: string) => string | null;
}): Members {
  const { db, clock } = deps;
  const check = (userId: string) => checkUserId(userId, deps.channelOf);
  const outcome = (userId: string, changed: boolean): MemberChange => ({
    changed,
    memberships: membershipsOf(db, userId),
    hasOwner: hasOwner(db),
  });
  const audit = (userId: string, detail: Record<string, unknown>) =>
    addAudit(db, { actor: 'setup', action: 'role.changed', subject: userId, detail }, clock.now());

  const set = db.transaction((userId: string, role: Role, folder: string | undefined): MemberChange => {
    check(userId);
    if (role === 'owner' && folder !== undefined) {
      throw new MemberError('owner-is-for-all', 'An owner owns all agent groups.', 'Leave --folder out.');
    }
    const agentGroupId = scopeOf(db, folder);
    const present = membershipsOf(db, userId).find((one) => one.agentGroupId === agentGroupId);
    if (present?.role === role) return outcome(userId, false);
    setMembership(db, { userId, agentGroupId, role, now: clock.now() });
    audit(userId, { from: present?.role ?? null, to: role, folder: folder ?? 'all' });
    return outcome(userId, true);
  });
  const remove = db.transaction((userId: string, folder: string | undefined): MemberChange => {
    check(userId);
    const agentGroupId = scopeOf(db, folder);
    const lost = membershipsOf(db, userId).filter(
      (one) => folder === undefined || one.agentGroupId === agentGroupId,
    );
    for (const one of lost) removeMembership(db, userId, one.agentGroupId);
    if (lost.length > 0)
      audit(userId, { from: lost.map((one) => one.role), to: null, folder: folder ?? 'all' });
    return outcome(userId, lost.length > 0);
  });
  return { set: set.immediate, remove: remove.immediate };
}

function checkUserId(userId: string, channelOf: (id: string) => string | null): void {
  if (/^[a-z][a-z0-9-]*:\S+$/.test(userId) && channelOf(userId) !== null) return;
  throw new MemberError(
    'unknown-user',
    `No user has the id ${JSON.stringify(userId.slice(0, 100))}.`,
    'Give it as <channel>:<platform user id>, for example discord:1100000000000000001.',
  );
}

function scopeOf(db: CentralDb, folder: string | undefined): string | null {
  if (folder === undefined) return null;
  const agentGroup = getAgentGroupByFolder(db, folder);
  if (agentGroup) return agentGroup.id;
  throw new MemberError(
    'unknown-folder',
    `There is no agent group ${JSON.stringify(folder)}.`,
    'See which there are: ./wharfie group --list',
  );
}
