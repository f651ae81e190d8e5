import { describe, expect, it } from 'vitest';
import { mayAnswer } from '../../../src/asks/ask.js';
import type { Question } from '../../../src/db/central/questions.js';
import { setMembership } from '../../../src/db/central/users.js';
import { behindTurn, parseBehind, personBehind, together, UNKNOWN } from '../../../src/db/inbound/behind.js';
import { direct, message } from '../router/harness.js';
import { ada, click, createAsked } from './asked.js';

const HOUR = 3_600_000;

describe('who may answer', () => {
  const roles = ['owner', 'admin', 'member', 'guest'] as const;
  const may = (askedFor: Question['askedFor'], behind: Question['behind'], id = 'telegram:9') =>
    roles.filter((role) => mayAnswer({ askedFor, behind }, { id, role }));
  const grown = together([ada('owner'), personBehind({ id: 'telegram:9', role: 'guest' })]);

  it.each([
    ['asker', ada('owner'), ['owner']],
    ['asker', ada('admin'), ['owner', 'admin']],
    ['asker', ada('member'), ['owner', 'admin', 'member']],
    ['asker', ada('guest'), ['owner', 'admin', 'member']],
    ['asker', personBehind({ id: 'telegram:9', role: 'guest' }), ['owner', 'admin', 'member', 'guest']],
    // A guest who talks into the owner's turn does not make the question his own.
    ['asker', grown, ['owner']],
    ['asker', UNKNOWN, ['owner', 'admin', 'member']],
    ['owner', ada('guest'), ['owner']],
    ['admin', ada('owner'), ['owner', 'admin']],
    ['anyone', ada('owner'), ['owner', 'admin', 'member', 'guest']],
  ] as const)('%s, %j: %j', (askedFor, behind, allowed) => {
    expect(may(askedFor, behind)).toEqual(allowed);
  });

  const owners = {
    who: { askedFor: 'asker', behind: personBehind({ id: 'telegram:1', role: 'owner' }) },
  } as const;
  const becomes = (world: Awaited<ReturnType<typeof createAsked>>, role: 'owner' | 'member') =>
    setMembership(world.db, { userId: 'telegram:77', agentGroupId: null, role, now: 1 });

  it.each(['click', 'number', 'label', 'reply'])(
    'a guest settles no question of the owner by %s',
    async (how) => {
      const world = await createAsked(owners);
      const events = {
        click: click('red'),
        number: message('@Andy 1'),
        label: message('@Andy Red'),
        reply: message('@Andy 1', { replyTo: 'tg-5' }),
      };
      const outcome = await world.route(events[how as keyof typeof events]);
      expect(world.news()).toEqual([]);
      expect(world.db.prepare('SELECT state FROM pending_questions').pluck().get()).toBe('open');
      // Words are still words to the agent.
      expect(outcome.kind).toBe(how === 'click' ? 'dropped' : 'routed');
      becomes(world, 'member');
      await world.route(click('red'));
      expect(world.news()).toEqual([]);
      becomes(world, 'owner');
      await world.route(click('blue'));
      expect(world.news()).toEqual([
        { trigger: 1, text: expect.stringContaining('was answered by "Ada" (telegram:77, owner): "Blue"') },
      ]);
    },
  );

  it('a refused press is answered twice at most', async () => {
    const world = await createAsked(owners);
    for (let n = 0; n < 4; n += 1) {
      expect(await world.route(click('red'))).toEqual({ kind: 'dropped', reason: 'refused-sender' });
    }
    expect(world.said.map(({ text }) => text)).toEqual(
      Array(2).fill('Only the owner can answer that question.'),
    );
    expect(world.told).toEqual([]);
  });

  it('what comes of an answer is still the affair of those because of whom was asked', async () => {
    const world = await createAsked({ who: { askedFor: 'anyone', behind: owners.who.behind } });
    await world.route(click('red'));
    const turn = { channelType: 'telegram', platformId: 'telegram:-1', threadId: '', inReplyTo: null };
    const behind = world.sessionManager.read(world.session.id, (db) => {
      db.exec("UPDATE messages_in SET status = 'done' WHERE kind = 'chat'");
      return behindTurn(db, turn, world.clock.now());
    });
    expect(behind).toEqual({ lowest: 'guest', highest: 'owner', ids: ['telegram:1', 'telegram:77'] });
  });

  it('a container that names a thread in which nothing is open makes nobody’s turn of it', async () => {
    const world = await createAsked({ who: { askedFor: 'anyone', behind: owners.who.behind } });
    await world.route(click('red'));
    const turn = { channelType: 'telegram', platformId: 'telegram:-1', threadId: 'nowhere', inReplyTo: null };
    const behind = world.sessionManager.read(world.session.id, (db) =>
      behindTurn(db, turn, world.clock.now()),
    );
    expect(behind.lowest).toBe('guest');
  });

  it('nor does its end without an answer make it anybody else’s', async () => {
    const world = await createAsked({ ...owners, timeoutMs: HOUR });
    await world.clock.advance(HOUR);
    await world.expire();
    const sender = world.sessionManager.read(world.session.id, (db) =>
      db.prepare<[], string>("SELECT sender FROM messages_in WHERE kind = 'system'").pluck().get(),
    );
    expect(parseBehind(sender ?? '{}')).toEqual(owners.who.behind);
  });

  it('a question from before anybody wrote down who asked is not for guests', async () => {
    const world = await createAsked();
    world.db.exec("UPDATE pending_questions SET asked_for = 'asker', behind = '{}'");
    await world.route(click('red'));
    expect(world.news()).toEqual([]);
    becomes(world, 'member');
    await world.route(click('red'));
    expect(world.news()).toHaveLength(1);
  });
});

describe('strangers', () => {
  it('cannot answer, and are told so twice at most', async () => {
    const world = await createAsked();
    world.db.exec("UPDATE messaging_groups SET unknown_sender_policy = 'known'");
    for (let n = 0; n < 3; n += 1) {
      expect(await world.route(click('red'))).toEqual({ kind: 'dropped', reason: 'refused-sender' });
    }
    expect(world.said.map(({ text }) => text)).toEqual(
      Array(2).fill('I only talk to people who have been added. The person who runs me can add you.'),
    );
    expect(world.news()).toEqual([]);
    expect(await world.route(direct('2'))).toMatchObject({ kind: 'held' });
  });
});
