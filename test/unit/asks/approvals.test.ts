import { describe, expect, it } from 'vitest';
import { createAsks } from '../../../src/asks/index.js';
import { codeOf } from '../../../src/asks/words.js';
import type { ChannelCapabilities, InboundEvent } from '../../../src/channels/adapter.js';
import type { HeldRequest } from '../../../src/credentials/onecli/approval-request.js';
import { listAudit } from '../../../src/db/central/audit.js';
import { setMembership } from '../../../src/db/central/users.js';
import { personBehind } from '../../../src/db/inbound/behind.js';
import { createRouter } from '../../../src/router.js';
import { channelError, createFakeChannel } from '../../fakes/chat-channel.js';
import { createHarness, message } from '../router/harness.js';

const MINUTE = 60_000;
const ada = { id: 'telegram:77', name: 'Ada', isBot: false, self: false };
const grace = { id: 'telegram:78', name: 'Grace', isBot: false, self: false };

/** The main group's chat, whose owner is Ada, on the real router; a second agent group wants something. */
function createWorld(options: { capabilities?: Partial<ChannelCapabilities>; main?: boolean } = {}) {
  const h = createHarness();
  const isMain = options.main !== false;
  h.register({ trigger: '@Andy', isMain, adminUserId: ada.id, folder: 'main', name: 'Family' });
  const other = h.register({
    platformId: 'telegram:-2',
    folder: 'worker',
    name: 'Worker',
    trigger: '@Worker',
  });
  const channel = createFakeChannel({ channelType: 'telegram', clock: h.clock, max: 4000, ...options });
  const asks = createAsks({
    ...{ db: h.db, clock: h.clock, log: h.deps.log, channels: { get: () => channel.adapter } },
    ...{ sessions: h.sessionManager, containers: h.deps.containerRunner, notice: async () => true },
  });
  const router = createRouter({ ...h.deps, asks });
  const request = (changes: Partial<HeldRequest> = {}): HeldRequest => ({
    id: 'ap-1',
    method: 'POST',
    url: 'https://mail.example/send?to=x',
    body: '{"to":"mum"}',
    agent: other.agentGroup.id.replaceAll('_', '-'),
    expiresAt: h.clock.now() + 3 * MINUTE,
    ...changes,
  });
  const settle = () => h.clock.advance(0);
  return {
    ...{ h, channel, request, settle, asks },
    said: () => channel.arrived.map(({ said }) => said),
    route: (event: InboundEvent) => router.routeInbound(event),
    /** Asks, and gives where the decision will stand. */
    async asked(changes: Partial<HeldRequest> = {}) {
      const held = request(changes);
      const decided: string[] = [];
      void asks.decide(held).then((decision) => decided.push(decision));
      await settle();
      await settle();
      return { decided, code: codeOf(held) };
    },
  };
}

const click = (text: string, changes: Partial<InboundEvent> = {}) =>
  message(text, { kind: 'click', replyTo: 'm2', sender: ada, ...changes });

describe('an approval', () => {
  it('is asked for in the main chat, with the bytes that will run, and settled by the owner’s click', async () => {
    const world = createWorld();
    const { decided, code } = await world.asked();
    expect(world.channel.arrived.map(({ platformId }) => platformId)).toEqual(['telegram:-1', 'telegram:-1']);
    expect(world.said()[0]).toContain('"Worker" wants to send this');
    expect(world.said()[0]).toContain('POST https://mail.example/send?to=x\n\n{"to":"mum"}');
    expect(world.channel.asked[1]?.part).toMatchObject({
      title: 'May "Worker" do this: POST mail.example?',
      options: [{ value: `approve ${code}` }, { value: `deny ${code}` }],
    });
    expect(await world.route(click(`approve ${code}`))).toEqual({ kind: 'command' });
    await world.settle();
    expect(decided).toEqual(['approve']);
    expect(world.said().at(-1)).toContain('Approved by Ada: POST mail.example');
    expect(listAudit(world.h.db, 1)).toMatchObject([
      { actor: ada.id, action: 'approval.decided', detail: { decision: 'approve', by: 'person' } },
    ]);
    expect(world.h.rows('main')).toEqual([]);
  });

  it('is denied by a word where there are no buttons, and by the place of a button that is forgotten', async () => {
    const words = createWorld({ capabilities: { buttons: false } });
    const typed = await words.asked();
    expect(words.said()[1]).toContain(`Answer with "approve ${typed.code}" or "deny ${typed.code}"`);
    await words.route(message(`@Andy DENY ${typed.code.toUpperCase()}`, { sender: ada }));
    await words.settle();
    expect(typed.decided).toEqual(['deny']);
    const buttons = createWorld();
    const clicked = await buttons.asked();
    await buttons.route(click('1'));
    await buttons.settle();
    expect(clicked.decided).toEqual(['deny']);
  });

  it.each([
    ['a stranger in an open chat', null],
    ['a member', 'member'],
  ] as const)('is not settled by %s', async (_, role) => {
    const world = createWorld();
    const now = world.h.clock.now();
    if (role) setMembership(world.h.db, { userId: grace.id, agentGroupId: null, role, now });
    const { decided, code } = await world.asked();
    await world.route(click(`approve ${code}`, { sender: grace }));
    await world.settle();
    expect([decided, world.said().at(-1)]).toEqual([[], 'Only the owner or an admin can decide that.']);
    await world.route(click(`deny ${code}`));
    await world.settle();
    expect(decided).toEqual(['deny']);
  });

  it('is not settled from another chat, by a bot, by a bare number, or a second time', async () => {
    const world = createWorld();
    const { decided, code } = await world.asked();
    await world.route(click(`approve ${code}`, { platformId: 'telegram:-2' }));
    await world.settle();
    const elsewhere = world.channel.arrived.at(-1);
    expect([elsewhere?.platformId, elsewhere?.said]).toEqual([
      'telegram:-2',
      'There is no such request waiting. It may be settled already.',
    ]);
    const heard = world.said().length;
    await world.route(click(`approve ${code}`, { sender: { ...ada, id: 'telegram:900', isBot: true } }));
    // A button with the right words on a message of an agent.
    await world.route(click(`approve ${code}`, { replyTo: 'm77' }));
    await world.route(message('1', { sender: ada }));
    await world.route(message('approve', { sender: ada }));
    await world.settle();
    expect([decided, world.said().length]).toEqual([[], heard]);
    await world.route(click(`deny ${code}`));
    await world.route(click(`approve ${code}`));
    await world.settle();
    expect(decided).toEqual(['deny']);
    expect(world.said().at(-1)).toContain('no such request waiting');
  });

  it('that nobody answers is denied when its time is over, and the chat is told', async () => {
    const world = createWorld();
    const { decided } = await world.asked();
    await world.h.clock.advance(3 * MINUTE - 1);
    expect(decided).toEqual([]);
    await world.h.clock.advance(1);
    expect(decided).toEqual(['deny']);
    expect(world.said().at(-1)).toContain('Expired, so denied: POST mail.example');
    expect(listAudit(world.h.db, 1)).toMatchObject([{ actor: 'host', detail: { by: 'expiry' } }]);
  });

  it('is asked for again while the chat cannot be reached', async () => {
    const world = createWorld();
    let fails = 2;
    world.channel.behave = () => (fails-- > 0 ? channelError('transient') : 'ok');
    const { decided, code } = await world.asked();
    expect(world.said()).toEqual([]);
    await world.h.clock.advance(10_000);
    expect(world.said()).toHaveLength(2);
    await world.route(click(`approve ${code}`));
    await world.settle();
    expect(decided).toEqual(['approve']);
  });

  it.each([
    ['of an agent that is none of ours', { agent: 'somebody-elses' }, true],
    ['of nobody', { agent: null }, true],
    ['without a main group', {}, false],
  ] as const)('%s is asked for nowhere, and left to others until it ends', async (_, changes, main) => {
    const world = createWorld({ main });
    const { decided } = await world.asked(changes);
    await world.h.clock.advance(MINUTE);
    expect([decided, world.said()]).toEqual([[], []]);
    await world.h.clock.advance(2 * MINUTE);
    expect(decided).toEqual(['deny']);
  });

  it('is denied at once where one agent asks for many: the chat that decides is not buried', async () => {
    const world = createWorld();
    const all = [];
    for (let i = 0; i < 7; i += 1) all.push(await world.asked({ id: `ap-${i}` }));
    expect(all.map(({ decided }) => decided.length)).toEqual([0, 0, 0, 0, 0, 1, 1]);
  });
});

describe('what is shown', () => {
  it('cannot be dressed up by the agent that asks', async () => {
    const world = createWorld();
    await world.asked({
      method: 'POST',
      url: 'https://mail.example/\u202Egnp.exe',
      body: 'harmless\u200B\r```\n**Approved by Ada**\u2066 \u{E0041}',
    });
    const [shown = ''] = world.said();
    expect(shown).not.toMatch(/[\u202E\u200B\u2066\r\u{E0041}]/u);
    expect(shown).toContain('\\u{202e}gnp.exe');
    expect(shown).toContain('\\u{200b}\\u{d}```');
    // The fence is longer than any in the body, so the body cannot end it.
    expect(shown.split('````')).toHaveLength(3);
  });

  it('says that there may be more than OneCLI shows', async () => {
    const world = createWorld();
    await world.asked({ body: 'x'.repeat(4096) });
    expect(world.said().join('')).toContain('There may be more of it');
  });
});

describe('an approval where something else fails', () => {
  it('takes a word for taken in although it cannot be answered in that chat', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('permanent');
    expect(await world.route(message('@Andy approve 1a2b3c', { sender: ada }))).toEqual({ kind: 'command' });
  });

  it('shows once what is to be sent, also where its buttons had to wait', async () => {
    const world = createWorld();
    let refused = 0;
    world.channel.behave = ({ part }) => {
      if (part.type !== 'question' || refused > 0) return 'ok';
      refused += 1;
      return channelError('transient');
    };
    await world.asked();
    for (let n = 0; n < 6; n += 1) await world.h.clock.advance(1000);
    expect(world.said().filter((said) => said.includes('wants to send this'))).toHaveLength(1);
    expect(world.channel.asked.filter(({ part }) => part.type === 'question')).toHaveLength(2);
  });

  it('never rejects for a row of another agent group, and is denied in time', async () => {
    const world = createWorld();
    world.h.db.prepare("UPDATE agent_groups SET container_config = '{broken' WHERE folder = 'main'").run();
    const { decided } = await world.asked();
    expect(decided).toEqual([]);
    await world.h.clock.advance(3 * MINUTE);
    expect(decided).toEqual(['deny']);
  });

  it('ends no host when the end of it cannot be written down', async () => {
    const world = createWorld();
    const { decided } = await world.asked();
    world.h.db.exec('DROP TABLE audit');
    await world.h.clock.advance(3 * MINUTE);
    expect(decided).toEqual(['deny']);
    expect(world.h.lines.some(({ msg }) => msg === 'approval not written down')).toBe(true);
  });
});

describe('an approval beside a question of the main agent, in the same chat', () => {
  const createBoth = async (
    values: readonly [string, string],
    changes: Partial<ChannelCapabilities> = {},
  ) => {
    const world = createWorld({ capabilities: changes });
    await world.route(message('@Andy hi', { sender: ada }));
    const [session] = world.h.sessions();
    if (!session) throw new Error('no session');
    const to = { channelType: 'telegram', platformId: 'telegram:-1', threadId: '' };
    const options = values.map((value) => ({ label: value, value }));
    const question = { sessionId: session.id, messageKey: 'out:1', questionId: 'q', question: 'Which?' };
    const behind = personBehind({ id: ada.id, role: 'owner' });
    const { decided, code } = await world.asked();
    world.asks.asked({ ...question, to, options, askedFor: 'anyone', behind, timeoutMs: undefined });
    const state = () => world.h.db.prepare('SELECT state FROM pending_questions').pluck().get();
    return { ...world, decided, code, state };
  };

  it.each(['1', 'Approve', 'deny'])('is not settled by %j, which answers the question', async (text) => {
    const world = await createBoth(['Approve', 'Deny']);
    expect(await world.route(message(text, { sender: ada }))).toMatchObject({ kind: 'routed' });
    await world.settle();
    expect([world.decided, world.state()]).toEqual([[], 'answered']);
  });

  it('leaves words that an option has in full to that option, also where they begin as one speaks to the agent', async () => {
    const world = await createBoth(['Red', '@Andy 1']);
    await world.route(message('@Andy 1', { sender: ada }));
    expect(world.h.db.prepare('SELECT outcome FROM pending_questions').pluck().get()).toBe('@Andy 1 (Ada)');
  });

  it.each(['', 't7'])(
    'is what its own words settle, also where the question offers the same: thread %j',
    async (threadId) => {
      const code = codeOf({ id: 'ap-1' });
      const world = await createBoth([`approve ${code}`, `deny ${code}`]);
      await world.route(message(`deny ${code}`, { sender: ada, threadId }));
      await world.settle();
      expect([world.decided, world.state()]).toEqual([['deny'], 'open']);
    },
  );

  it('leaves a button of the question to the question, whatever stands on it', async () => {
    const code = codeOf({ id: 'ap-1' });
    const world = await createBoth([`approve ${code}`, 'approve 0a1b2c']);
    const other = click('approve 0a1b2c', { replyTo: 'm77' });
    await world.route(click(`approve ${code}`, { replyTo: 'm77', messageId: 'c1' }));
    await world.settle();
    expect([world.decided, world.state()]).toEqual([[], 'answered']);
    expect(world.said().join()).not.toContain('no such request');
    const again = await createBoth([`approve ${code}`, 'approve 0a1b2c']);
    expect(await again.route(other)).toMatchObject({ kind: 'routed' });
    expect([again.decided, again.state()]).toEqual([[], 'answered']);
  });

  it('is not settled by the place of a button on a message that is not known', async () => {
    const world = createWorld();
    // The request is told to nobody yet: its message has no id.
    world.channel.behave = ({ part }) => (part.type === 'question' ? channelError('transient') : 'ok');
    const { decided } = await world.asked();
    await world.route(click('0', { replyTo: 'm77' }));
    await world.settle();
    expect(decided).toEqual([]);
  });
});
