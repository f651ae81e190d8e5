import { describe, expect, it } from 'vitest';
import { getMainAgentGroup } from '../../../../src/db/central/agent-groups.js';
import { createMessagingGroup } from '../../../../src/db/central/messaging-groups.js';
import { containerConfigSchema } from '../../../../src/db/types.js';
import { getMessagingGroupAgentByPair } from '../../../../src/people/registration/index.js';
import { createHarness } from './harness.js';

describe('register', () => {
  it('makes agent group, messaging group and wiring with the defaults of a group', () => {
    const h = createHarness();
    const made = h.register({ platformId: '-1' });
    expect(made.status).toBe('created');
    expect(made.agentGroup).toMatchObject({
      name: 'Family',
      folder: 'family',
      isAdmin: false,
      agentProvider: 'claude',
      containerConfig: containerConfigSchema.parse({}),
    });
    expect(made.messagingGroup).toMatchObject({
      platformId: 'telegram:-1',
      isGroup: true,
      unknownSenderPolicy: 'open',
    });
    expect(made.wiring).toMatchObject({
      triggerRules: { pattern: '@Andy', requiresTrigger: true, whenIgnored: 'drop', bots: false },
      sessionMode: 'shared',
      priority: 0,
    });
    expect(getMessagingGroupAgentByPair(h.db, made.messagingGroup.id, made.agentGroup.id)).toEqual(
      made.wiring,
    );
  });

  it('run again changes nothing, and says what a different value changed', () => {
    const h = createHarness();
    const first = h.register({ trigger: ['@Andy', 'hey andy'], priority: 3 });
    expect(h.register()).toMatchObject({ status: 'unchanged', wiring: first.wiring, changes: [], roles: [] });
    const third = h.register({ name: 'Folks', sessionMode: 'per-thread', trigger: null });
    expect(third.status).toBe('changed');
    expect(third.changes.map((change) => [change.field, change.from, change.to])).toEqual([
      ['messagingGroup.name', 'Family', 'Folks'],
      ['wiring.triggerRules', first.wiring.triggerRules, third.wiring.triggerRules],
      ['wiring.sessionMode', 'shared', 'per-thread'],
    ]);
    expect(third.wiring.triggerRules).not.toHaveProperty('pattern');
    expect(third.wiring.priority).toBe(3);
    expect(['agent_groups', 'messaging_groups', 'messaging_group_agents'].map(h.count)).toEqual([1, 1, 1]);
    expect(h.audit()).toEqual(['registration.changed telegram:-1', 'registration.created telegram:-1']);
  });

  it('wires one chat to two agents and one agent to two chats, never a pair twice', () => {
    const h = createHarness();
    h.register();
    h.register({ folder: 'work' });
    h.register({ platformId: 'telegram:-2', folder: 'FAMILY' });
    h.register({ folder: 'work' });
    expect(['agent_groups', 'messaging_groups', 'messaging_group_agents'].map(h.count)).toEqual([2, 2, 3]);
  });

  it('gives --assistant-name to the default trigger, and a direct message none', () => {
    const h = createHarness();
    expect(h.group({ assistantName: 'Bea' }).wiring.triggerRules.pattern).toBe('@Bea');
    expect(h.direct().wiring.triggerRules).toEqual({
      requiresTrigger: false,
      whenIgnored: 'drop',
      bots: false,
    });
  });

  it('moves the main group: there is one at most', () => {
    const h = createHarness();
    expect(h.group({ isMain: true }).agentGroup.isAdmin).toBe(true);
    const moved = h.direct({ isMain: true });
    expect(moved.agentGroup.isAdmin).toBe(true);
    expect(getMainAgentGroup(h.db)?.folder).toBe('ada');
    expect(h.direct({ isMain: true }).status).toBe('unchanged');
    expect(h.group({ isMain: true }).changes).toEqual([
      { field: 'agentGroup.isAdmin', from: false, to: true },
    ]);
    expect(h.db.prepare('SELECT folder FROM agent_groups WHERE is_admin = 1').pluck().all()).toEqual([
      'family',
    ]);
  });

  it('opens a chat that had only made itself known, and leaves a policy that was set alone', () => {
    const h = createHarness();
    createMessagingGroup(h.db, {
      id: 'mg_1',
      channelType: 'telegram',
      platformId: 'telegram:-1',
      name: 'seen',
      isGroup: true,
      adminUserId: null,
      unknownSenderPolicy: 'known',
      lastPlatformMessageId: null,
      lastPlatformAt: null,
      createdAt: 1,
    });
    expect(h.group().messagingGroup).toMatchObject({
      id: 'mg_1',
      unknownSenderPolicy: 'open',
      name: 'Family',
    });
    expect(h.group({ unknownSenders: 'known' }).status).toBe('changed');
    expect(h.group().messagingGroup.unknownSenderPolicy).toBe('known');
  });

  it('refuses everything that is wrong at once, and has written nothing', () => {
    const h = createHarness();
    const wrong = () => h.register({ folder: '../up', name: 'two\nlines', priority: 1.5, trigger: '' });
    expect(wrong).toThrow(/name: .*folder: .*trigger: .*priority: /);
    expect(() => h.register({ folder: 'Global' })).toThrow(/global/);
    expect(() => h.register({ adminUserId: 'ada' })).toThrow(/adminUserId/);
    expect(h.count('agent_groups')).toBe(0);
  });

  it('never wires the mock to a chat with people, whichever came first', () => {
    const h = createHarness();
    const cli = { channelType: 'cli', platformId: 'cli:local', folder: 'local', isGroup: false };
    h.register({ ...cli, provider: 'mock' });
    expect(() => h.group({ folder: 'local' })).toThrow(expect.objectContaining({ code: 'mock-group' }));
    expect(() => h.group({ provider: 'mock' })).toThrow(expect.objectContaining({ code: 'mock-group' }));
    expect(h.count('messaging_groups')).toBe(1);
    h.group();
    expect(() => h.register({ ...cli, folder: 'family', provider: 'mock' })).toThrow(
      expect.objectContaining({ code: 'mock-group' }),
    );
    expect(h.register({ ...cli, provider: 'claude' }).agentGroup.agentProvider).toBe('claude');
    expect(h.group({ folder: 'local' }).status).toBe('created');
  });
});

describe('unregister', () => {
  const chat = { channelType: 'telegram', platformId: '-1' };

  it('removes the wiring and keeps the rest', () => {
    const h = createHarness();
    h.register();
    expect(h.registration.unregister(chat)).toMatchObject({ folder: 'family' });
    expect(['agent_groups', 'messaging_groups', 'messaging_group_agents'].map(h.count)).toEqual([1, 1, 0]);
    expect(() => h.registration.unregister(chat)).toThrow(
      expect.objectContaining({ code: 'not-registered' }),
    );
    expect(h.register().status).toBe('created');
  });

  it('wants the folder where there are several', () => {
    const h = createHarness();
    h.register();
    h.register({ folder: 'work' });
    expect(() => h.registration.unregister(chat)).toThrow(/family, work/);
    expect(h.registration.unregister({ ...chat, folder: 'Work' }).folder).toBe('work');
    expect(h.count('messaging_group_agents')).toBe(1);
  });
});
