import { channelOf } from '../src/channels/catalog/index.js';
import { listAgentGroups } from '../src/db/central/agent-groups.js';
import type { CentralDb } from '../src/db/central/index.js';
import { listMemberships, type Membership } from '../src/db/central/users.js';
import { createMembers, type MemberChange, type Members } from '../src/people/members.js';
import { shownName } from '../src/shown-name.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Step, StepResult } from './lib/step.js';
import { exactlyOne, oneOf } from './lib/values.js';

const user = '<channel>:<user id>';
const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'who may do what' },
  { name: 'add', kind: 'value', hint: user, help: 'gives a person a role' },
  { name: 'role', kind: 'value', hint: 'owner|admin|member', help: 'the role that --add gives' },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'in this agent group only; left out: in all' },
  { name: 'remove', kind: 'value', hint: user, help: 'takes the role away; without --folder every role' },
  { name: 'block', kind: 'value', hint: user, help: 'this person is never answered' },
];

export const members: Step = {
  name: 'members',
  class: {
    '': 'reads',
    list: 'reads',
    add: 'grants',
    role: 'modifies',
    folder: 'modifies',
    remove: 'grants',
    block: 'grants',
  },
  summary: 'who owns this installation, administers an agent group, may talk to it, or is blocked',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'add', 'remove', 'block']);
    const role = oneOf(values, 'role', ['owner', 'admin', 'member']);
    if (action === 'add' && role === undefined) {
      throw new UsageError('missing-flag', '--add needs a role.', 'Add --role owner, admin or member.');
    }
    return withInstallation(context, ({ db }) => {
      if (action === 'list') return listed(db);
      const service = createMembers({ db, clock: context.clock, channelOf });
      return resultOf(db, values.need(action), apply(service, action, values, role ?? 'member'));
    });
  },
};

function apply(
  service: Members,
  action: 'add' | 'remove' | 'block',
  values: FlagValues,
  role: 'owner' | 'admin' | 'member',
): MemberChange {
  const userId = values.need(action);
  const folder = values.value('folder');
  if (action === 'remove') return service.remove(userId, folder);
  return service.set(userId, action === 'block' ? 'blocked' : role, folder);
}

function resultOf(db: CentralDb, userId: string, change: MemberChange): StepResult {
  const roles = describe(db, change.memberships).map(({ role, folder }) => `${role} in ${folder}`);
  const fields = { USER: userId, ROLES: roles.join(', ') || 'none', HAS_OWNER: change.hasOwner };
  return { status: change.changed ? 'success' : 'skipped', fields };
}

function listed(db: CentralDb): StepResult {
  const all = describe(db, listMemberships(db));
  return { status: 'success', fields: { COUNT: all.length, MEMBERS: all } };
}

function describe(db: CentralDb, memberships: readonly Membership[]) {
  const folders = new Map(listAgentGroups(db).map((group) => [group.id, group.folder]));
  return memberships.map(({ userId, name, role, agentGroupId }) => ({
    user: userId,
    name: name && shownName(name),
    role,
    folder: agentGroupId === null ? 'all' : (folders.get(agentGroupId) ?? agentGroupId),
  }));
}
