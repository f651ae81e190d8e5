import { describe, expect, it } from 'vitest';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../../../../src/channels/catalog/index.js';
import { createHarness } from './harness.js';

const withCatalog = () => createHarness({ counterpartOf, isGroupChat, normalizePlatformId });
type Harness = ReturnType<typeof createHarness>;

/** As a person registers: with an id, and nothing about the kind of the chat. */
const register = (h: Harness, channelType: string, platformId: string, more = {}) =>
  h.registration.register({ channelType, platformId, name: 'Chat', folder: 'chat', ...more });

describe('a registration that does not say whether the chat is a group', () => {
  it.each([
    ['telegram', '-1001234567890'],
    ['discord', '1100000000000000001:1200000000000000002'],
    ['slack', 'C0123ABCDEF'],
  ])('%s %s: a group, which the agent is called in', (channelType, platformId) => {
    const { messagingGroup, wiring, roles } = register(withCatalog(), channelType, platformId);
    expect(messagingGroup).toMatchObject({ isGroup: true, unknownSenderPolicy: 'open', adminUserId: null });
    expect(wiring.triggerRules).toMatchObject({ pattern: '@Andy', requiresTrigger: true });
    expect(roles).toEqual([]);
  });

  it.each([
    ['telegram', '77'],
    ['discord', '@me:1200000000000000002'],
    ['slack', 'D0123ABCDEF'],
    ['cli', 'cli:local'],
  ])('%s %s: a direct chat, in which every message is answered', (channelType, platformId) => {
    const { messagingGroup, wiring } = register(withCatalog(), channelType, platformId);
    expect(messagingGroup.isGroup).toBe(false);
    expect(wiring.triggerRules).not.toHaveProperty('pattern');
    expect(wiring.triggerRules.requiresTrigger).toBe(false);
  });

  it('lets the person of a direct chat in, as the owner where there is none and it is the main group', () => {
    const h = withCatalog();
    expect(register(h, 'telegram', '77').roles).toEqual([{ userId: 'telegram:77', role: 'member' }]);
    expect(register(h, 'telegram', '78', { isMain: true }).roles).toEqual([
      { userId: 'telegram:78', role: 'owner' },
    ]);
    expect(register(h, 'telegram', '78').status).toBe('unchanged');
  });

  it('where it says so, that is believed', () => {
    expect(register(withCatalog(), 'telegram', '77', { isGroup: true }).messagingGroup.isGroup).toBe(true);
  });
});
