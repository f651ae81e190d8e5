import { describe, expect, it } from 'vitest';
import { getMainAgentGroup } from '../../../src/db/central/agent-groups.js';
import { heldInWiredChats, holdMessage } from '../../../src/db/central/held-messages.js';
import { setMembership } from '../../../src/db/central/users.js';
import { createPairings, findPairCode, makePairCode } from '../../../src/people/pairing.js';
import { createHarness } from './registration/harness.js';

const HOUR_MS = 3_600_000;

function setup() {
  const h = createHarness();
  const pairings = createPairings({ db: h.db, clock: h.clock, registration: h.registration });
  const from = (text: string, sender = 'telegram:77') => ({
    channelType: 'telegram',
    platformId: 'telegram:77',
    isGroup: false,
    sender: { id: sender, name: 'Ada', isBot: false, self: false },
    text,
  });
  const create = (request = {}) =>
    pairings.create({ channelType: 'telegram', request: { name: 'Ada', folder: 'ada', ...request } });
  return { ...h, pairings, from, create };
}

describe('a pairing code', () => {
  it('is 8 characters that nobody confuses, and never a word', () => {
    for (let n = 0; n < 200; n += 1) {
      const code = makePairCode();
      expect(code).toMatch(/^[2-9A-HJKMNP-Z]{8}$/);
      expect(code).toMatch(/\d/);
      expect(code).toMatch(/[A-Z]/);
    }
  });

  it.each([
    ['ABCD2345', 'ABCD2345'],
    [' abcd-2345\n', 'ABCD2345'],
    ['@Andy here: ABCD2345', 'ABCD2345'],
    ['SUPERMAN', null],
    ['23456789', null],
    ['ABCD2340', null],
    ['ABCD2345 EFGH2345', null],
    ['the code that I was given is ABCD2345', null],
    ['/start ABCD2345', 'ABCD2345'],
    ['/start@andy_bot ABCD2345', 'ABCD2345'],
    ['', null],
  ])('in %j is %s', (text, code) => {
    expect(findPairCode(text)).toBe(code);
  });

  it('is stored hashed only', () => {
    const { db, create } = setup();
    const { code } = create();
    expect(JSON.stringify(db.prepare('SELECT * FROM pairings').all())).not.toContain(code);
  });

  it('registers the chat, once: its sender owns it if nobody does, else administers that group', () => {
    const h = setup();
    const first = h.create({ trigger: '@bea' });
    expect(h.pairings.redeem(h.from(first.code))).toMatchObject({
      kind: 'paired',
      registered: { status: 'created', wiring: { triggerRules: { pattern: '@bea' } } },
    });
    expect(h.roles()).toEqual(['telegram:77 owner all']);
    h.create();
    expect(h.pairings.redeem(h.from(first.code, 'telegram:88')).kind).toBe('wrong');
    const second = h.create({ folder: 'second' });
    expect(h.pairings.redeem(h.from(second.code, 'telegram:99')).kind).toBe('paired');
    expect(h.roles()[1]).toMatch(/^telegram:99 admin ag_/);
    expect(h.audit().slice(0, 2)).toEqual(['pairing.used telegram:77', 'registration.created telegram:77']);
  });

  it('makes the first who pairs the main chat an owner, whoever owns the terminal, and nobody after', () => {
    const h = setup();
    const { db, clock } = h;
    setMembership(db, { userId: 'cli:owner', agentGroupId: null, role: 'owner', now: clock.now() });
    const other = h.create();
    expect(h.pairings.redeem(h.from(other.code, 'telegram:5')).kind).toBe('paired');
    const main = h.create({ folder: 'main', isMain: true });
    expect(h.pairings.redeem(h.from(main.code)).kind).toBe('paired');
    const again = h.create({ folder: 'main', isMain: true });
    expect(h.pairings.redeem(h.from(again.code, 'telegram:88')).kind).toBe('paired');
    expect(h.roles().map((role) => role.replace(/ag_.*/, 'one'))).toEqual([
      'cli:owner owner all',
      'telegram:5 admin one',
      'telegram:77 owner all',
      'telegram:88 admin one',
    ]);
  });

  it('takes the main chat from another one only if it was made to', () => {
    const h = setup();
    const early = h.create({ folder: 'second', isMain: true });
    const told = h.create({ folder: 'third', isMain: true, moveMain: true });
    h.register({ folder: 'main', isMain: true });
    expect(h.pairings.redeem(h.from(early.code))).toMatchObject({
      kind: 'failed',
      error: { code: 'main-elsewhere' },
    });
    expect(getMainAgentGroup(h.db)?.folder).toBe('main');
    expect(h.pairings.redeem(h.from(told.code)).kind).toBe('paired');
    expect(getMainAgentGroup(h.db)?.folder).toBe('third');
  });

  it('keeps what was written in the chat before, for the host to take in', () => {
    const h = setup();
    for (const n of [1, 2]) {
      holdMessage(h.db, {
        channelType: 'telegram',
        platformId: 'telegram:77',
        platformMessageId: `m${n}`,
        event: '{}',
        createdAt: h.clock.now(),
      });
    }
    expect(h.pairings.redeem(h.from(h.create().code)).kind).toBe('paired');
    expect(heldInWiredChats(h.db).map((held) => held.platformMessageId)).toEqual(['m1', 'm2']);
  });

  it('is good for an hour, on its own channel', async () => {
    const h = setup();
    const { code, id } = h.create();
    h.pairings.create({ channelType: 'slack', request: { name: 'x', folder: 'x' } });
    expect(h.pairings.redeem({ ...h.from(code), channelType: 'slack' }).kind).toBe('wrong');
    expect(h.pairings.status(id).state).toBe('open');
    await h.clock.advance(HOUR_MS);
    expect(h.pairings.status(id).state).toBe('expired');
    expect(h.pairings.redeem(h.from(code, 'telegram:1'))).toEqual({ kind: 'no-code' });
  });

  it('locks a sender after 5 wrong tries, for an hour, and nobody else', async () => {
    const h = setup();
    const good = h.create();
    for (let tries = 1; tries <= 5; tries += 1) {
      expect(h.pairings.redeem(h.from('WRNG2345'))).toEqual({ kind: 'wrong', tries });
    }
    expect(h.pairings.redeem(h.from(good.code))).toEqual({ kind: 'locked' });
    await h.clock.advance(HOUR_MS - 1);
    const late = h.create();
    expect(h.pairings.redeem(h.from(late.code))).toEqual({ kind: 'locked' });
    expect(h.pairings.redeem(h.from('WRNG2345', 'telegram:1'))).toEqual({ kind: 'wrong', tries: 1 });
    await h.clock.advance(1);
    expect(h.pairings.redeem(h.from(late.code)).kind).toBe('paired');
  });

  it('stays unused when its chat cannot be registered', () => {
    const h = setup();
    h.register({
      channelType: 'cli',
      platformId: 'cli:local',
      folder: 'local',
      provider: 'mock',
      isGroup: false,
    });
    const { code, id } = h.create({ folder: 'local' });
    expect(h.pairings.redeem(h.from(code))).toMatchObject({ kind: 'failed', error: { code: 'mock-group' } });
    expect(h.pairings.status(id).state).toBe('open');
    expect(h.roles()).toEqual([]);
  });

  it('means nothing while nobody waits for one', () => {
    const h = setup();
    expect(h.pairings.redeem(h.from('ABCD2345'))).toEqual({ kind: 'no-code' });
    expect(h.count('pairing_tries')).toBe(0);
  });
});
