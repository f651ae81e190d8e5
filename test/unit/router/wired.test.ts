import { describe, expect, it } from 'vitest';
import { setMembership } from '../../../src/db/central/users.js';
import { bot, createHarness, direct, message } from './harness.js';

describe('a wired chat', () => {
  it('brings a message that calls the agent into its session, durable before the answer, and wakes it', async () => {
    const h = createHarness();
    h.register({ adminUserId: 'telegram:77' });
    const event = message('@Andy hello', { threadId: '5', replyTo: 'm0' });
    const outcome = await h.router.routeInbound(event);
    const [session] = h.sessions();
    expect(outcome).toEqual({ kind: 'routed', woken: [session?.id], context: [] });
    expect(h.woken).toEqual([session?.id]);
    expect(h.crashPoints).toEqual(['intake:before-commit', 'intake:after-commit']);
    expect(h.rows('family')).toEqual([
      {
        seq: 2,
        trigger: 1,
        status: 'pending',
        thread_id: '5',
        process_after: null,
        platform_message_id: event.messageId,
        sender: { id: 'telegram:77', name: 'Ada', role: 'admin' },
        content: {
          text: '@Andy hello',
          chat: 'Family',
          event: 'message',
          replyTo: 'm0',
          attachments: [],
          problems: [],
          at: event.at,
        },
      },
    ]);
    const route = h.sessionManager.read(session?.id ?? '', (db) =>
      db.prepare('SELECT channel_type, platform_id, thread_id FROM session_routing').get(),
    );
    expect(route).toEqual({ channel_type: 'telegram', platform_id: 'telegram:-1', thread_id: '5' });
  });

  it('changes nothing when the platform delivers again', async () => {
    const h = createHarness();
    h.register();
    const event = message('@Andy hello');
    await h.router.routeInbound(event);
    expect(await h.router.routeInbound(event)).toEqual({ kind: 'duplicate' });
    const { createRouter } = await import('../../../src/router.js');
    const afterRestart = createRouter(h.deps);
    expect(await afterRestart.routeInbound(event)).toEqual({ kind: 'duplicate' });
    expect(h.texts('family')).toEqual(['@Andy hello']);
    expect(h.woken).toHaveLength(1);
  });

  it('repeats neither a command nor a count for a redelivery', async () => {
    const h = createHarness();
    h.register();
    for (const event of [message('/new', { mentioned: true }), message('just talk')]) {
      await h.router.routeInbound(event);
      expect(await h.router.routeInbound(event)).toEqual({ kind: 'duplicate' });
    }
    expect(h.commands).toHaveLength(1);
    expect(h.dropped()).toEqual([{ reason: 'not-engaged', count: 1 }]);
  });

  it('counts and does not warn of what nobody was called by', async () => {
    const h = createHarness();
    h.register();
    expect(await h.router.routeInbound(message('just talk'))).toEqual({
      kind: 'dropped',
      reason: 'not-engaged',
    });
    expect(h.dropped()).toEqual([{ reason: 'not-engaged', count: 1 }]);
    expect(h.lines.filter((line) => Number(line.level) >= 40)).toEqual([]);
    expect(h.sessions()).toEqual([]);
  });

  it('keeps silent context, the newest 50, without waking anyone and without files', async () => {
    const h = createHarness();
    h.register({ whenIgnored: 'context' });
    const open = () => Promise.reject(new Error('opened'));
    const attachments = [{ name: 'cat.png', mimeType: 'image/png', size: 3, open }];
    for (let n = 0; n < 52; n += 1) await h.router.routeInbound(message(`talk ${n}`, { attachments }));
    const pending = h.rows('family').filter((row) => row.status === 'pending');
    expect(pending.map((row) => row.content.text)).toEqual(
      Array.from({ length: 50 }, (_, n) => `talk ${n + 2}`),
    );
    expect(pending[0]).toMatchObject({ trigger: 0, content: { attachments: [] } });
    expect(pending[0]?.content.problems).toEqual([expect.stringContaining('cat.png')]);
    expect(h.woken).toEqual([]);
  });

  it('has sessions for a chat, a thread, or an agent group, as the wiring says', async () => {
    const h = createHarness();
    h.register({ sessionMode: 'per-thread' });
    h.register({ folder: 'all', sessionMode: 'agent-shared', trigger: '@all' });
    h.register({ folder: 'all', sessionMode: 'agent-shared', trigger: '@all', platformId: 'telegram:-2' });
    await h.router.routeInbound(message('@Andy @all', { threadId: '1' }));
    await h.router.routeInbound(message('@Andy @all', { threadId: '2' }));
    await h.router.routeInbound(message('@all', { platformId: 'telegram:-2' }));
    const folders = h.sessions().map((session) => `${session.folder} ${session.thread_id}`);
    expect(folders.sort()).toEqual(['all ', 'family 1', 'family 2']);
    expect(h.rows('all')).toHaveLength(3);
  });

  it('takes in reactions and clicks as events of their own', async () => {
    const h = createHarness();
    h.register();
    await h.router.routeInbound(message('👍', { kind: 'reaction', mentioned: true, replyTo: 'm1' }));
    await h.router.routeInbound(message('👍', { kind: 'reaction', replyTo: 'm2' }));
    await h.router.routeInbound(message('yes', { kind: 'click', mentioned: true, replyTo: 'm1' }));
    expect(h.rows('family').map((row) => row.content.event)).toEqual(['reaction', 'click']);
    const cursor = h.db.prepare('SELECT last_platform_message_id FROM messaging_groups').pluck().get();
    expect(cursor).toBeNull();
  });

  it('hands commands of engaged people to the host, and neither those of bots nor of passers-by', async () => {
    const h = createHarness();
    h.register({ bots: true });
    expect(await h.router.routeInbound(message('/stop', { mentioned: true }))).toEqual({ kind: 'command' });
    await h.router.routeInbound(message('/stop'));
    await h.router.routeInbound(message('/stop', { mentioned: true, sender: bot() }));
    expect(h.commands).toEqual([{ text: '/stop', folders: ['family'] }]);
    expect(h.rows('family').map((row) => row.sender.id)).toEqual(['telegram:900']);
  });

  it('ignores its own messages', async () => {
    const h = createHarness();
    h.register({ bots: true, requiresTrigger: false });
    const sender = { ...bot(), self: true };
    expect(await h.router.routeInbound(message('hi', { sender }))).toEqual({
      kind: 'dropped',
      reason: 'own',
    });
    expect(h.sessions()).toEqual([]);
  });
});

describe('bots', () => {
  it('are ignored unless the wiring wants them', async () => {
    const h = createHarness();
    h.register();
    const outcome = await h.router.routeInbound(message('@Andy hi', { sender: bot() }));
    expect(outcome).toEqual({ kind: 'dropped', reason: 'bot-ignored' });
  });

  it('get 6 turns in 10 minutes, until a person speaks', async () => {
    const h = createHarness();
    h.register({ bots: true });
    const say = () => h.router.routeInbound(message('@Andy hi', { sender: bot() }));
    for (let n = 0; n < 6; n += 1) expect((await say()).kind).toBe('routed');
    expect((await say()).kind).toBe('dropped');
    await h.clock.advance(599_000);
    expect((await say()).kind).toBe('dropped');
    await h.clock.advance(1_000);
    expect((await say()).kind).toBe('routed');
    for (let n = 0; n < 5; n += 1) await say();
    expect((await say()).kind).toBe('dropped');
    await h.router.routeInbound(message('well, well'));
    expect((await say()).kind).toBe('routed');
  });
});

describe('people', () => {
  it('are heard as guests in an open chat, and never when they are blocked', async () => {
    const h = createHarness();
    const { agentGroup } = h.register();
    await h.router.routeInbound(message('@Andy hi'));
    setMembership(h.db, { userId: 'telegram:77', agentGroupId: agentGroup.id, role: 'blocked', now: 0 });
    const outcome = await h.router.routeInbound(message('@Andy again'));
    expect(outcome).toEqual({ kind: 'dropped', reason: 'blocked-sender' });
    expect(h.rows('family').map((row) => row.sender.role)).toEqual(['guest']);
    expect(h.said).toEqual([]);
  });

  it('need a role in a known chat; a stranger who calls is told so twice, ever', async () => {
    const h = createHarness();
    const { agentGroup } = h.register({ unknownSenders: 'known', whenIgnored: 'context' });
    await h.router.routeInbound(message('only talking'));
    expect(h.said).toEqual([]);
    for (let n = 0; n < 4; n += 1) await h.router.routeInbound(message('@Andy hi'));
    expect(h.said).toHaveLength(2);
    expect(h.sessions()).toEqual([]);
    setMembership(h.db, { userId: 'telegram:77', agentGroupId: agentGroup.id, role: 'member', now: 0 });
    expect((await h.router.routeInbound(message('@Andy hi'))).kind).toBe('routed');
  });

  it('have their roles in each agent group of their own', async () => {
    const h = createHarness();
    h.register({ unknownSenders: 'known', priority: 9 });
    const other = h.register({ folder: 'other', unknownSenders: 'known', trigger: '@other' }).agentGroup;
    setMembership(h.db, { userId: 'telegram:77', agentGroupId: other.id, role: 'member', now: 0 });
    await h.router.routeInbound(message('hello bot', { mentioned: true }));
    expect(h.texts('family')).toEqual([]);
    expect(h.texts('other')).toEqual(['hello bot']);
  });

  it('who are refused never reach the agent by a pairing code that is wrong', async () => {
    const h = createHarness();
    h.register({ platformId: 'telegram:77', isGroup: false, unknownSenders: 'pair' });
    h.pairings.create({ channelType: 'telegram', request: { name: 'X', folder: 'x' } });
    const outcome = await h.router.routeInbound(direct('ABCD2345'));
    expect(outcome).toEqual({ kind: 'dropped', reason: 'refused-sender' });
    expect(h.sessions()).toEqual([]);
  });
});
