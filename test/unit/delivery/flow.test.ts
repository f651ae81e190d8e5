import { describe, expect, it, vi } from 'vitest';
import { getMessage, insertMessage } from '../../../src/db/inbound/messages-in.js';
import { createStageWatch } from '../../../src/metrics/index.js';
import { chat } from '../db/inbound-file.js';
import { channelError, createWorld, settle, until } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

describe('what a container says', () => {
  it('records what was said, whatever becomes of its figures', async () => {
    const world = createWorld();
    const { clock, log } = world.deps;
    const broken = () => {
      throw new Error('the file cannot be read');
    };
    const stages = createStageWatch({ db: world.db, clock, log, sessions: { read: broken } });
    await world.restart({ stages });
    world.container.put({ text: 'one', stages: { claimed: 1, firstByte: 2 } }, { inReplyTo: 'in_x' });
    world.container.say('two');
    await world.drain();
    expect(world.said()).toEqual(['one', 'two']);
    expect(world.ledger().map(({ state }) => state)).toEqual(['sent', 'sent']);
  });

  it('arrives in order, once, however often it is read', async () => {
    const world = createWorld();
    for (const text of ['one', 'two', 'three']) world.container.say(text);
    await world.drain();
    await world.drain();
    expect(world.said()).toEqual(['one', 'two', 'three']);
    expect(world.ledger().map((row) => [row.key, row.state, row.next])).toEqual([
      ['out:out_1', 'sent', null],
      ['out:out_3', 'sent', null],
      ['out:out_5', 'sent', null],
    ]);
  });

  it('is recorded together with the acks when drain resolves, while sending goes on', async () => {
    const world = createWorld();
    const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, chat('m', {})));
    world.channel.behave = () => 'hang';
    world.container.say('slow');
    world.container.ack(id, 'done');
    await world.delivery().drain(world.session.id);
    expect(world.ledger()[0]).toMatchObject({ state: 'sending' });
    const status = world.manager.read(world.session.id, (db) =>
      db.prepare<[string], string>('SELECT status FROM messages_in WHERE id = ?').pluck().get(id),
    );
    expect(status).toBe('done');
  });

  it('costs no commit where it is only a claim, until the message has ended', async () => {
    const world = createWorld();
    const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, chat('m', {})));
    const writes = vi.spyOn(world.deps.sessions, 'write');
    world.container.ack(id, 'processing');
    await world.drain();
    await world.drain();
    expect(writes).not.toHaveBeenCalled();
    world.container.ack(id, 'done');
    await world.drain();
    expect(writes).toHaveBeenCalledOnce();
    expect(world.manager.read(world.session.id, (db) => getMessage(db, id)?.status)).toBe('done');
  });

  it('is read again for a caller who comes while a reading is under way', async () => {
    const world = createWorld();
    world.container.say('one');
    const first = world.delivery().drain(world.session.id);
    world.container.say('two');
    await Promise.all([first, world.delivery().drain(world.session.id)]);
    await settle();
    expect(world.said()).toEqual(['one', 'two']);
  });

  it('goes on in all other chats and threads while one chat is slow', async () => {
    const world = createWorld();
    world.channel.behave = ({ to }) => (to.platformId === 'fake:1' ? 'hang' : 'ok');
    world.container.say('slow');
    world.container.say('behind it');
    world.container.say('other chat', { to: 'fake:2' });
    await world.drain();
    expect(world.said()).toEqual(['other chat']);
    world.channel.behave = ({ to }) => (to.threadId === '' ? 'hang' : 'ok');
    world.container.say('other thread', { threadId: 't2' });
    await world.drain();
    expect(world.said()).toEqual(['other chat', 'other thread']);
    world.channel.behave = () => 'ok';
    world.channel.release();
    await settle();
    expect(world.said()).toEqual(['other chat', 'other thread', 'slow', 'behind it']);
  });

  it('sends at most sixteen at a time to a channel', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    for (let n = 0; n < 20; n += 1) world.container.say(`t${n}`, { threadId: `${n}` });
    await world.drain();
    expect(world.channel.asked).toHaveLength(16);
    world.channel.release();
    await settle();
    expect(world.channel.asked).toHaveLength(20);
  });

  it('waits until it is due without holding up what is due before', async () => {
    const world = createWorld();
    world.container.say('later', { deliverAfter: world.clock.now() + 60_000 });
    world.container.say('now');
    await world.drain();
    expect(world.said()).toEqual(['now']);
    await world.pass(59_000);
    expect(world.said()).toEqual(['now']);
    await world.pass(2000);
    expect(world.said()).toEqual(['now', 'later']);
  });

  it('is cut into parts that arrive in order, the first as the answer', async () => {
    const world = createWorld({ max: 3 });
    const { id } = await world.manager.write(world.session.id, (db) =>
      insertMessage(db, chat('asked', { address: here })),
    );
    world.container.say('abcdefgh', { inReplyTo: id });
    await world.drain();
    expect(world.channel.arrived.map((one) => [one.said, one.replyTo])).toEqual([
      ['abc', 'asked'],
      ['def', null],
      ['gh', null],
    ]);
    const keys = world.channel.asked.map((one) => one.idempotencyKey);
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{24}$/);
  });

  it('ends with the part that is dead: half a message is none', async () => {
    const world = createWorld({ max: 60 });
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text.startsWith('b') ? channelError('permanent') : 'ok';
    world.container.say(`${'a'.repeat(60)}${'b'.repeat(60)}c`);
    await world.drain();
    expect(world.said()[0]).toBe('a'.repeat(60));
    expect(world.said()).not.toContain('c');
    const own = world.ledger().filter((row) => row.key === 'out:out_1');
    expect(own.map((row) => row.state)).toEqual(['sent', 'dead']);
  });

  it('is not due again while it is on its way: nobody looks after it in vain', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('slow');
    await world.drain();
    const due = world.db.prepare<[], number>('SELECT next_due_at FROM sessions').pluck().get();
    expect(due).toBeGreaterThan(world.clock.now() + 60_000);
  });

  it('reads a long backlog page by page', async () => {
    const world = createWorld();
    for (let n = 0; n < 120; n += 1) world.container.say(`${n}`);
    await world.drain();
    await until(() => world.channel.arrived.length === 120);
    expect(world.said()).toEqual(Array.from({ length: 120 }, (_, n) => `${n}`));
  });

  it('forgets the session when nothing is left', async () => {
    const world = createWorld();
    world.container.say('one');
    await world.drain();
    expect(world.clock.pending()).toBe(0);
    const due = world.db.prepare<[], number | null>('SELECT next_due_at FROM sessions').pluck().get();
    expect(due).toBeNull();
  });
});
