import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAsks } from '../../../src/asks/index.js';
import { setMembership } from '../../../src/db/central/users.js';
import { createRouter } from '../../../src/router.js';
import { SessionError } from '../../../src/session-manager.js';
import { bot, message } from '../router/harness.js';
import { click, createAsked, grace } from './asked.js';

const HOUR = 3_600_000;

describe('an answer', () => {
  it('by a button reaches the agent and wakes it, once for a click that is delivered twice', async () => {
    const world = await createAsked();
    const event = click('blue');
    expect(await world.route(event)).toEqual({ kind: 'routed', woken: [world.session.id], context: [] });
    expect(world.news()).toEqual([
      {
        trigger: 1,
        text: 'Your question q_out:1, "Colour?", was answered by "Ada" (telegram:77, guest): "Blue" (value "blue").',
      },
    ]);
    expect(world.woken).toEqual([world.session.id]);
    world.restart();
    expect(await world.route(event)).toEqual({ kind: 'duplicate' });
    expect(world.news()).toHaveLength(1);
    expect(world.told).toEqual([]);
  });

  it.each(['2', '2.', ' blue ', 'BLUE', '@Andy 2', '@Andy: Blue'])('may be written: %j', async (text) => {
    const world = await createAsked();
    expect(await world.route(message(text))).toMatchObject({ kind: 'routed' });
    expect(world.news()).toEqual([{ trigger: 1, text: expect.stringContaining('"Blue"') }]);
  });

  it.each(['3', '0', 'bluee', 'blue please', '12'])('is not: %j', async (text) => {
    const world = await createAsked();
    expect(await world.route(message(text))).toEqual({ kind: 'dropped', reason: 'not-engaged' });
    expect(world.news()).toEqual([]);
  });

  it('comes after a restart of the host, and while the click names a message that was never written down', async () => {
    const world = await createAsked();
    world.ask('out:3');
    world.restart();
    expect(await world.route(click('red', { replyTo: 'tg-unknown' }))).toMatchObject({ kind: 'routed' });
    expect(world.news()).toEqual([{ trigger: 1, text: expect.stringContaining('q_out:3') }]);
  });

  it('is for the newest question, unless it replies to another', async () => {
    const world = await createAsked();
    await world.clock.advance(1000);
    world.ask('out:3');
    await world.route(message('1', { replyTo: 'tg-5' }));
    await world.route(message('2'));
    expect(world.news().map(({ text }) => text)).toEqual([
      expect.stringMatching(/q_out:1.*"Red"/),
      expect.stringMatching(/q_out:3.*"Blue"/),
    ]);
  });

  it('is not taken from another thread, from a bot, or for a reaction', async () => {
    const world = await createAsked();
    await world.route(message('2', { threadId: 't7' }));
    await world.route(message('2', { sender: bot() }));
    await world.route(click('red', { kind: 'reaction' }));
    expect(world.news()).toEqual([]);
  });
});

describe('who comes late', () => {
  it('is told what was answered', async () => {
    const world = await createAsked();
    await world.route(click('blue'));
    expect(await world.route(click('red', { sender: grace }))).toEqual({ kind: 'command' });
    expect(await world.route(message('1', { sender: grace }))).toEqual({ kind: 'command' });
    const text = 'That question was answered already: Blue (Ada).';
    expect(world.told).toEqual([
      expect.objectContaining({ sessionId: world.session.id, text, code: 'late-answer' }),
      expect.objectContaining({ text }),
    ]);
    expect(world.news()).toHaveLength(1);
  });

  it('finds the first answer even where the host ended before it wrote it down', async () => {
    const world = await createAsked();
    await world.route(click('blue'));
    world.db.exec("UPDATE pending_questions SET state = 'open', outcome = '', closed_at = NULL");
    world.restart();
    await world.route(click('red', { sender: grace }));
    expect(world.told).toEqual([expect.objectContaining({ text: 'That question was answered already.' })]);
    world.db.exec("UPDATE pending_questions SET state = 'open', closed_at = NULL");
    await world.clock.advance(25 * HOUR);
    await world.expire();
    expect(world.news()).toHaveLength(1);
    expect(world.db.prepare('SELECT state FROM pending_questions').pluck().all()).toEqual(['answered']);
  });

  it('speaks to the agent again once the question is long gone, or where it is spoken to', async () => {
    const world = await createAsked();
    await world.route(click('blue'));
    expect(await world.route(message('@Andy 1'))).toMatchObject({ kind: 'routed' });
    expect(world.texts('family')).toContain('@Andy 1');
    await world.clock.advance(HOUR);
    expect(await world.route(message('1'))).toEqual({ kind: 'dropped', reason: 'not-engaged' });
    expect(world.told).toEqual([]);
  });
});

describe('a question that nobody answers', () => {
  it('expires: the agent reads it with its next turn, a late click gets a reply', async () => {
    const world = await createAsked();
    await world.clock.advance(24 * HOUR - 1);
    await world.expire();
    expect(world.news()).toEqual([]);
    await world.clock.advance(1);
    await world.expire();
    expect(world.news()).toEqual([{ trigger: 0, text: expect.stringContaining('has expired') }]);
    expect(world.woken).toEqual([]);
    await world.route(click('red'));
    expect(world.told).toEqual([expect.objectContaining({ text: expect.stringContaining('has expired') })]);
    expect(world.news()).toHaveLength(1);
    await world.clock.advance(8 * 24 * HOUR);
    await world.expire();
    expect(world.db.prepare('SELECT count(*) AS n FROM pending_questions').get()).toEqual({ n: 0 });
  });

  it('wakes an agent that said how long it waits, but never again without a person in between', async () => {
    const world = await createAsked({ timeoutMs: HOUR });
    const expired = async () => {
      await world.clock.advance(HOUR);
      await world.expire();
      return world.news().at(-1)?.trigger;
    };
    expect(await expired()).toBe(1);
    expect(world.woken).toEqual([world.session.id]);
    world.ask('out:3');
    expect(await expired()).toBe(0);
    await world.clock.advance(1000);
    await world.route(message('@Andy are you there?'));
    world.ask('out:5');
    expect(await expired()).toBe(1);
  });

  it('does not keep others waiting when its session is broken, and is not one of a thousand', async () => {
    const world = await createAsked({ timeoutMs: HOUR });
    for (let n = 0; n < 60; n += 1) world.ask(`out:x${n}`);
    await world.expire();
    // More than fifty at once: the oldest have ended already.
    expect(world.news()).toHaveLength(11);
  });
});

describe('a session whose files are beyond use', () => {
  it('answers for nothing, and keeps neither messages nor other questions waiting', async () => {
    const world = await createAsked({ timeoutMs: HOUR });
    world.sessionManager.release(world.session.id);
    const inbound = join(world.home, 'sessions');
    for (const name of readdirSync(inbound, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('inbound.db')) writeFileSync(join(inbound, name), 'no database at all '.repeat(500));
    }
    expect(await world.route(message('2'))).toEqual({ kind: 'dropped', reason: 'not-engaged' });
    await world.clock.advance(HOUR);
    const due = () =>
      world.db.prepare('SELECT state, expires_at > ? AS later FROM pending_questions').all(world.clock.now());
    expect(due()).toEqual([{ state: 'open', later: 0 }]);
    await world.expire();
    expect(due()).toEqual([{ state: 'open', later: 1 }]);
  });
});

describe('other agents', () => {
  it('are not answered for by whom the one who asked does not hear, nor by bots', async () => {
    const world = await createAsked();
    world.register({ folder: 'work', trigger: '@Berta', bots: true });
    world.register({ bots: true });
    world.db.exec("UPDATE messaging_groups SET unknown_sender_policy = 'known'");
    const [, berta] = world.db.prepare('SELECT id FROM agent_groups ORDER BY rowid').pluck().all();
    const group = String(berta);
    setMembership(world.db, { userId: 'telegram:78', agentGroupId: group, role: 'member', now: 1 });
    const unheard = await world.route(click('red', { sender: grace }));
    expect([unheard, world.said]).toEqual([{ kind: 'dropped', reason: 'not-engaged' }, []]);
    world.db.exec("UPDATE messaging_groups SET unknown_sender_policy = 'open'");
    await world.route(message('2', { sender: bot() }));
    expect(world.news()).toEqual([]);
    await world.route(click('red', { sender: grace }));
    expect(world.news()).toHaveLength(1);
  });
});

it('a question whose session cannot be read just now stands in the way of no other message', async () => {
  const h = await createAsked();
  const read: typeof h.sessionManager.read = () => {
    throw new SessionError('session-unwritable', 'The session cannot be written.', 'Look at it.');
  };
  const sessions = { ...h.sessionManager, read };
  const deps = { db: h.db, clock: h.clock, log: h.deps.log, sessions, containers: h.deps.containerRunner };
  const channels = { get: () => undefined };
  const asks = createAsks({ ...deps, channels, notice: async () => true });
  h.register({ folder: 'other', trigger: '@Other' });
  const router = createRouter({ ...h.deps, asks });
  expect(await router.routeInbound(message('@Other hello'))).toMatchObject({ kind: 'routed' });
  expect(h.texts('other')).toEqual(['@Other hello']);
});
