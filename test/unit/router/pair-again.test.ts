import { describe, expect, it } from 'vitest';
import { listAudit } from '../../../src/db/central/audit.js';
import { setMembership } from '../../../src/db/central/users.js';
import { createHarness, message } from './harness.js';

const grace = { id: 'telegram:78', name: 'Grace', isBot: false, self: false };

function withCode(folder: string) {
  const h = createHarness();
  const { code, id } = h.pairings.create({ channelType: 'telegram', request: { name: 'Family', folder } });
  const say = (text: string, sender = grace) => h.router.routeInbound(message(text, { sender }));
  return { ...h, code, id, say };
}

describe('a pairing code in a chat that is wired', () => {
  it('wires one more agent there, and no agent reads it', async () => {
    const h = withCode('work');
    h.register({ folder: 'family', requiresTrigger: false });
    expect((await h.say(`@bot ${h.code}`)).kind).toBe('paired');
    expect(h.pairings.status(h.id).state).toBe('used');
    await h.say('@Andy hello');
    expect([h.texts('family'), h.texts('work')]).toEqual([['@Andy hello'], ['@Andy hello']]);
  });

  it('lets its sender in where only those are heard who are known', async () => {
    const h = withCode('family');
    h.register({ folder: 'family', unknownSenders: 'known' });
    expect((await h.say('@Andy hello')).kind).toBe('dropped');
    expect((await h.say(`@Andy ${h.code}`)).kind).toBe('paired');
    await h.say('@Andy hello again');
    expect(h.rows('family').map((row) => [row.content.text, row.sender.role])).toEqual([
      ['@Andy hello again', 'owner'],
    ]);
  });

  it('is told to whoever waits for it also where nothing had to be changed', async () => {
    const h = withCode('family');
    h.register({ folder: 'family' });
    setMembership(h.db, { userId: grace.id, agentGroupId: null, role: 'owner', now: 0 });
    expect((await h.say(h.code)).kind).toBe('paired');
    expect(listAudit(h.db, 1)).toMatchObject([
      { action: 'pairing.used', subject: 'telegram:-1', detail: { pairing: h.id, folder: 'family' } },
    ]);
  });

  it('is nothing from a bot or somebody blocked, and what only looks like one is for the agent', async () => {
    const h = withCode('work');
    const { agentGroup } = h.register({ folder: 'family', requiresTrigger: false });
    expect((await h.say(h.code, { ...grace, isBot: true })).kind).toBe('dropped');
    setMembership(h.db, { userId: grace.id, agentGroupId: agentGroup.id, role: 'blocked', now: 0 });
    expect((await h.say(h.code)).kind).toBe('dropped');
    expect(h.pairings.status(h.id).state).toBe('open');
    await h.say('WRNG2345', { ...grace, id: 'telegram:79' });
    expect(h.texts('family')).toEqual(['WRNG2345']);
  });
});
