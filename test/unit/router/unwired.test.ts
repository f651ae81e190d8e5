import { describe, expect, it } from 'vitest';
import { listMessagingGroups } from '../../../src/db/central/messaging-groups.js';
import { setMembership } from '../../../src/db/central/users.js';
import { createRouter } from '../../../src/router.js';
import { bot, createHarness, direct, type Harness, message } from './harness.js';

const warnings = (h: Harness) =>
  h.lines.map((line) => String(line.msg)).filter((text) => text.includes('MESSAGE DROPPED'));

describe('a chat that nobody wired', () => {
  it('is warned of with the exact command, once an hour a chat, over restarts too', async () => {
    const h = createHarness();
    await h.router.routeInbound(message('hello'));
    await h.router.routeInbound(message('hello again', { mentioned: true }));
    expect(warnings(h)).toEqual([
      'MESSAGE DROPPED: no agent is wired to this chat. To wire one: ./wharfie register ' +
        '--platform-id "telegram:-1" --name "Family" --folder "family"',
    ]);
    await h.router.routeInbound(message('elsewhere', { platformId: 'telegram:-2', chatName: 'Work' }));
    expect(warnings(h)).toHaveLength(2);
    await h.clock.advance(3_599_000);
    const { createRouter } = await import('../../../src/router.js');
    const restarted = createRouter(h.deps);
    await restarted.routeInbound(message('still nobody?'));
    expect(warnings(h)).toHaveLength(2);
    await h.clock.advance(1_000);
    await restarted.routeInbound(message('and now?'));
    expect(warnings(h)).toHaveLength(3);
    expect(h.dropped()).toEqual([{ reason: 'unwired', count: 5 }]);
  });

  it('becomes known at its first direct message or mention, and not before', async () => {
    const h = createHarness();
    await h.router.routeInbound(message('only talk'));
    await h.router.routeInbound(message('I am a bot', { mentioned: true, sender: bot() }));
    await h.router.routeInbound(message('👍', { mentioned: true, kind: 'reaction' }));
    expect(listMessagingGroups(h.db)).toEqual([]);
    await h.router.routeInbound(message('@bot', { mentioned: true }));
    await h.router.routeInbound(direct('hi'));
    expect(listMessagingGroups(h.db).map((g) => [g.platformId, g.unknownSenderPolicy, g.wired])).toEqual(
      expect.arrayContaining([
        ['telegram:-1', 'known', false],
        ['telegram:77', 'pair', false],
      ]),
    );
  });

  it('is one of at most 200; the oldest goes, a wired one never', async () => {
    const h = createHarness();
    h.register();
    for (let n = 0; n < 202; n += 1) {
      await h.router.routeInbound(direct('hi', { platformId: `telegram:${1000 + n}` }));
      await h.clock.advance(1);
    }
    const chats = listMessagingGroups(h.db).map((group) => group.platformId);
    expect(chats).toHaveLength(201);
    expect(chats).toContain('telegram:-1');
    expect(chats).not.toContain('telegram:1001');
    expect(chats).toContain('telegram:1002');
  });

  it('answers whoever addressed it, twice ever, and neither bots nor the blocked', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('hi', { sender: bot() }));
    for (let n = 0; n < 3; n += 1) await h.router.routeInbound(direct('hi'));
    await h.router.routeInbound(message('hi', { mentioned: true }));
    expect(h.said.map((one) => one.to.platformId)).toEqual(['telegram:77', 'telegram:77']);
    setMembership(h.db, { userId: 'telegram:5', agentGroupId: null, role: 'blocked', now: 0 });
    const sender = { id: 'telegram:5', name: 'Eve', isBot: false, self: false };
    const outcome = await h.router.routeInbound(direct('let me in', { sender, platformId: 'telegram:5' }));
    expect(outcome).toEqual({ kind: 'dropped', reason: 'blocked-sender' });
    expect(h.said).toHaveLength(2);
  });
});

describe('held messages', () => {
  it('are replayed in order once the chat is registered, as they came, and only once', async () => {
    const h = createHarness();
    const open = () => Promise.reject(new Error('opened'));
    const attachments = [{ name: 'a.pdf', mimeType: 'application/pdf', size: 1, open }];
    expect(await h.router.routeInbound(direct('first', { attachments }))).toEqual({ kind: 'held' });
    await h.router.routeInbound(direct('second'));
    expect(await h.router.replayHeld()).toBe(0);
    const { held } = h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    expect(held).toHaveLength(2);
    expect(await Promise.all([h.router.replayHeld(), h.router.replayHeld()])).toEqual([2, 2]);
    expect(await h.router.replayHeld()).toBe(0);
    expect(h.texts('family')).toEqual(['first', 'second']);
    expect(h.rows('family')[0]?.content.problems).toEqual([expect.stringContaining('a.pdf')]);
    expect(h.rows('family')[0]?.sender.role).toBe('member');
    expect(h.held()).toBe(0);
  });

  it.each([
    ['last' as const, ['second']],
    ['none' as const, []],
  ])('with --replay %s', async (replay, expected) => {
    const h = createHarness();
    await h.router.routeInbound(direct('first'));
    await h.router.routeInbound(direct('second'));
    h.register({ platformId: 'telegram:77', isGroup: false, replay });
    await h.router.replayHeld();
    expect(h.texts('family')).toEqual(expected);
  });

  it('survive a second registration that says nothing of them', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('first'));
    h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    h.register({ platformId: 'telegram:77', isGroup: false });
    expect(await h.router.replayHeld()).toBe(1);
  });

  it('stay held while they cannot be taken in', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('first'));
    h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    await h.router.close();
    expect(await h.router.replayHeld()).toBe(0);
    expect(h.held()).toBe(1);
  });

  it('are tried again by themselves, in their order, when they could not be taken in', async () => {
    let failures = 1;
    const h = createHarness();
    const router = createRouter({
      ...h.deps,
      sessionManager: {
        ...h.sessionManager,
        write: (...write) => {
          failures -= 1;
          return failures >= 0 ? Promise.reject(new Error('locked')) : h.sessionManager.write(...write);
        },
      },
    });
    await router.routeInbound(direct('first'));
    await router.routeInbound(direct('second'));
    h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    expect(await router.replayHeld()).toBe(0);
    await h.clock.advance(30_000);
    for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(h.texts('family')).toEqual(['first', 'second']);
    expect(h.held()).toBe(0);
  });

  it('of a chat that is registered during a replay are taken in by it', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('first'));
    await h.router.routeInbound(direct('other', { platformId: 'telegram:78' }));
    h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    const running = h.router.replayHeld();
    h.register({ platformId: 'telegram:78', folder: 'other', isGroup: false, replay: 'all' });
    await Promise.all([running, h.router.replayHeld()]);
    expect([h.texts('family'), h.texts('other')]).toEqual([['first'], ['other']]);
  });

  it('are bounded: 4 kB of text, 20 a chat, 500 in all, a day', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('🙂'.repeat(2000), { platformId: 'telegram:1' }));
    const kept = h.db.prepare<[], string>('SELECT event FROM held_messages').pluck().get() ?? '';
    expect(JSON.parse(kept).text).toBe('🙂'.repeat(1024));
    for (let n = 0; n < 22; n += 1) await h.router.routeInbound(direct(`text ${n}`));
    expect(h.held()).toBe(21);
    for (let n = 0; n < 500; n += 1) {
      await h.router.routeInbound(direct('x', { platformId: `telegram:${5000 + n}` }));
    }
    expect(h.held()).toBe(500);
    await h.clock.advance(86_400_000);
    await h.router.routeInbound(direct('a day later'));
    expect(h.held()).toBe(1);
  });
});

describe('pairing in a chat', () => {
  it('registers the chat that sends the code and makes its sender the owner', async () => {
    const h = createHarness();
    const { code, id } = h.pairings.create({
      channelType: 'telegram',
      request: { name: 'Ada', folder: 'ada' },
    });
    const outcome = await h.router.routeInbound(
      direct(` ${code.slice(0, 4)}-${code.slice(4)} `.toLowerCase()),
    );
    expect(outcome).toEqual({ kind: 'paired', platformId: 'telegram:77' });
    expect(h.pairings.status(id)).toEqual({ state: 'used', usedBy: 'telegram:77' });
    await h.router.routeInbound(direct('hello'));
    expect(h.rows('ada').map((row) => [row.content.text, row.sender.role])).toEqual([['hello', 'owner']]);
    expect(h.said.map((one) => one.text)).toEqual(['Paired: Andy answers in this chat from now on.']);
  });

  it('takes in what the person had said before, where the pairing says so', async () => {
    const h = createHarness();
    await h.router.routeInbound(direct('are you there?'));
    const request = { name: 'Ada', folder: 'ada', replay: 'all' as const };
    const { code } = h.pairings.create({ channelType: 'telegram', request });
    await h.router.routeInbound(direct(code));
    await h.router.close();
    await h.router.replayHeld();
    expect(h.texts('ada')).toEqual(['are you there?']);
  });

  it('never stores a message that holds a code', async () => {
    const h = createHarness();
    h.pairings.create({ channelType: 'telegram', request: { name: 'Ada', folder: 'ada' } });
    await h.router.routeInbound(direct('WRNG2345'));
    expect(h.held()).toBe(0);
    await h.router.routeInbound(direct('hello'));
    expect(h.held()).toBe(1);
  });

  it('counts in a group only when the bot is addressed', async () => {
    const h = createHarness();
    const { code } = h.pairings.create({ channelType: 'telegram', request: { name: 'F', folder: 'f' } });
    expect((await h.router.routeInbound(message(code))).kind).toBe('dropped');
    expect((await h.router.routeInbound(message(`@andy_bot ${code}`, { mentioned: true }))).kind).toBe(
      'paired',
    );
    expect(h.db.prepare('SELECT is_group FROM messaging_groups').pluck().all()).toEqual([1]);
  });
});
