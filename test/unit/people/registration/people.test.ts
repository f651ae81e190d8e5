import { describe, expect, it } from 'vitest';
import { createMessagingGroup } from '../../../../src/db/central/messaging-groups.js';
import { setMembership } from '../../../../src/db/central/users.js';
import { createHarness } from './harness.js';

const counterpartOf = () => 'telegram:77';

describe('the counterpart of a direct message', () => {
  it('becomes a member, and the owner of a main chat if there is none', () => {
    const h = createHarness({ counterpartOf });
    const { agentGroup, messagingGroup } = h.direct();
    expect(h.roles()).toEqual([`telegram:77 member ${agentGroup.id}`]);
    expect(messagingGroup).toMatchObject({ adminUserId: 'telegram:77', unknownSenderPolicy: 'pair' });
    expect(h.direct({ isMain: true }).roles).toEqual([{ userId: 'telegram:77', role: 'owner' }]);
    expect(h.direct({ isMain: true }).status).toBe('unchanged');
  });

  it('does not become a second owner', () => {
    const h = createHarness({ counterpartOf });
    setMembership(h.db, { userId: 'telegram:1', agentGroupId: null, role: 'owner', now: 0 });
    expect(h.direct({ isMain: true }).roles).toEqual([{ userId: 'telegram:77', role: 'member' }]);
  });

  it('is who wrote there first, where the id does not tell', () => {
    const h = createHarness();
    createMessagingGroup(h.db, {
      id: 'mg_1',
      channelType: 'telegram',
      platformId: 'telegram:77',
      name: 'Ada',
      isGroup: false,
      adminUserId: 'telegram:ada',
      unknownSenderPolicy: 'pair',
      lastPlatformMessageId: null,
      lastPlatformAt: null,
      createdAt: 1,
    });
    expect(h.direct().roles).toEqual([{ userId: 'telegram:ada', role: 'member' }]);
  });

  it('who is not known yet is answered all the same', () => {
    const h = createHarness();
    expect(h.direct().messagingGroup.unknownSenderPolicy).toBe('open');
    expect(h.roles()).toEqual([]);
  });

  it('who is blocked stays blocked, and nothing is registered', () => {
    const h = createHarness({ counterpartOf });
    setMembership(h.db, { userId: 'telegram:77', agentGroupId: null, role: 'blocked', now: 0 });
    expect(() => h.direct()).toThrow(expect.objectContaining({ code: 'user-blocked' }));
    expect(h.count('messaging_groups')).toBe(0);
  });
});

describe('--admin-user', () => {
  it('administers the agent group, keeps what it had, and owns a main group if nobody does', () => {
    const h = createHarness();
    const { agentGroup } = h.group({ adminUserId: 'telegram:5' });
    expect(h.roles()).toEqual([`telegram:5 admin ${agentGroup.id}`]);
    expect(h.group({ adminUserId: 'telegram:5' }).status).toBe('unchanged');
    h.direct({ isMain: true, adminUserId: 'telegram:6' });
    expect(h.roles()).toContain('telegram:6 owner all');
    h.group({ adminUserId: 'telegram:6' });
    expect(h.roles()).toHaveLength(2);
  });

  it('is asked for in groups: nobody gets in by being there', () => {
    const h = createHarness({ counterpartOf });
    h.group({ isMain: true });
    expect(h.roles()).toEqual([]);
  });
});
