import { describe, expect, it } from 'vitest';
import { createContainer } from './container.js';
import { channelError, createWorld, settle } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };
const unknown = "My last message may not have arrived. Send /again and I'll send it once more.";

describe('an answer that is lost', () => {
  it('is settled by the idempotency key: said once', async () => {
    const world = createWorld({ capabilities: { idempotency: true } });
    let first = true;
    world.channel.behave = () => {
      const how = first ? 'lost' : 'ok';
      first = false;
      return how;
    };
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    await world.pass(5000);
    expect(world.said()).toEqual(['one', 'two']);
    expect(new Set(world.channel.asked.slice(0, 2).map((one) => one.idempotencyKey)).size).toBe(1);
    expect(world.ledger().map((row) => row.state)).toEqual(['sent', 'sent']);
  });

  it('stays in doubt though later attempts surely failed', async () => {
    const world = createWorld({ capabilities: { idempotency: true } });
    let tries = 0;
    world.channel.behave = ({ part }) => {
      if (part.type !== 'text' || part.text !== 'one') return 'ok';
      tries += 1;
      return tries === 1 ? 'lost' : tries < 6 ? channelError('transient') : 'ok';
    };
    world.container.say('one');
    world.container.say('elsewhere', { to: 'fake:2' });
    await world.drain();
    await world.pass(15 * 60_000, 2000);
    expect(world.said()).toEqual(['one', 'elsewhere', unknown]);
  });

  it('is settled by the history once the key is too old', async () => {
    const world = createWorld({ capabilities: { idempotency: true, history: true } });
    world.channel.behave = () => 'lost';
    world.container.say('one');
    await world.drain();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    await world.pass(10 * 60_000, 5000);
    world.channel.setHealth({ state: 'connected' });
    world.delivery().channelConnected('fake');
    await settle();
    expect(world.channel.asked).toHaveLength(1);
    expect(world.ledger()[0]).toMatchObject({ state: 'sent', doubt: null });
  });

  it('is not settled by a message of ours that says the same and was sent before', async () => {
    const world = createWorld({ capabilities: { history: true } });
    world.channel.forgetsKeys = true;
    world.container.say('ok');
    await world.drain();
    world.channel.behave = () => channelError('unknown');
    world.container.say('ok');
    await world.drain();
    world.channel.behave = () => 'ok';
    await world.pass(60_000);
    expect(world.said()).toEqual(['ok', 'ok']);
  });

  it('is not settled by what another session says the same in that chat', async () => {
    const world = createWorld({ capabilities: { history: true } });
    world.channel.forgetsKeys = true;
    const other = world.resolve('t2', 'per-thread');
    world.channel.behave = () => channelError('unknown');
    world.container.say('ok');
    await world.drain();
    world.channel.behave = () => 'ok';
    createContainer(world.manager.paths(other)).say('ok', { id: 'out_of_other' });
    await world.drain(other.id);
    expect(world.said()).toEqual(['ok']);
    await world.pass(60_000);
    expect(world.said()).toEqual(['ok', 'ok']);
  });

  it('settles one of two that say the same and ask at once, and the other is sent', async () => {
    const world = createWorld({ capabilities: { history: true } });
    world.channel.forgetsKeys = true;
    const other = world.resolve('t2', 'per-thread');
    const outcomes = ['lost' as const, channelError('unknown')];
    world.channel.behave = () => outcomes.shift() ?? 'ok';
    world.container.say('ok');
    createContainer(world.manager.paths(other)).say('ok', { id: 'out_of_other' });
    await Promise.all([world.drain(), world.drain(other.id)]);
    expect(world.said()).toEqual(['ok']);
    await world.pass(60_000);
    expect(world.said()).toEqual(['ok', 'ok']);
    expect(world.ledger()[0]).toMatchObject({ state: 'sent' });
  });

  it('is sent again where the history does not know it, not before the history can know', async () => {
    const world = createWorld({ capabilities: { history: true } });
    world.channel.behave = () => channelError('unknown');
    world.container.say('one');
    await world.drain();
    world.channel.behave = () => 'ok';
    await world.pass(9000);
    expect(world.said()).toEqual([]);
    await world.pass(3000);
    expect(world.said()).toEqual(['one']);
  });

  it('stays unknown where the platform has neither: not sent again, everybody is told', async () => {
    const world = createWorld();
    world.channel.behave = ({ part }) => (part.type === 'text' && part.text === 'one' ? 'lost' : 'ok');
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    await world.pass(10_000);
    expect(world.said()).toEqual(['one', unknown, 'two']);
    expect(world.ledger()[0]).toMatchObject({ state: 'unknown', next: null });
    expect(world.news()).toEqual([expect.stringContaining('Your message 1 may or may not have arrived')]);
    expect(world.owner).toHaveLength(1);
  });

  it('stays unknown when the history cannot be asked six times', async () => {
    const world = createWorld({ capabilities: { history: true } });
    world.channel.behave = ({ part }) => (part.type === 'text' && part.text === 'one' ? 'lost' : 'ok');
    world.channel.historyFails = channelError('transient');
    world.container.say('one');
    await world.drain();
    await world.pass(10 * 60_000);
    expect(world.said()).toEqual(['one', unknown]);
  });

  it('costs the other parts nothing: they are sent, then the chat is told', async () => {
    const world = createWorld({ max: 80 });
    const text = `${'a'.repeat(80)}${'b'.repeat(80)}c`;
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text.startsWith('b') ? channelError('unknown') : 'ok';
    world.container.say(text);
    await world.drain();
    await world.pass(10_000);
    expect(world.said()).toEqual(['a'.repeat(80), 'c', unknown]);
    world.channel.behave = () => 'ok';
    expect(await world.delivery().again(world.session.id, here)).toBe(1);
    await settle();
    expect(world.said().at(-1)).toBe('b'.repeat(80));
    expect(world.channel.arrived).toHaveLength(4);
  });

  it('is nothing for an edit: it is made again', async () => {
    const world = createWorld();
    const seq = world.container.say('first');
    await world.drain();
    let times = 0;
    world.channel.behave = () => {
      times += 1;
      return times === 1 ? 'lost' : 'ok';
    };
    world.container.put({ operation: 'edit', messageId: seq, text: 'second' });
    await world.drain();
    await world.pass(5000);
    expect(world.said()).toEqual(['first', 'edit m1: second', 'edit m1: second']);
    expect(world.ledger().map((row) => row.state)).toEqual(['sent', 'sent']);
  });

  it('comes also from a platform that does not answer at all', async () => {
    const world = createWorld();
    world.channel.behave = () => 'hang';
    world.container.say('one');
    await world.drain();
    await world.pass(59_000);
    expect(world.ledger()[0]).toMatchObject({ state: 'sending' });
    world.channel.behave = () => 'ok';
    await world.pass(10_000);
    expect(world.ledger()[0]).toMatchObject({ state: 'unknown', next: null });
    expect(world.said()).toEqual([unknown]);
  });

  it('comes also from an adapter with a bug', async () => {
    const world = createWorld();
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text === 'one' ? new TypeError('secret text') : 'ok';
    world.container.say('one');
    await world.drain();
    await world.pass(10_000);
    expect(world.ledger()[0]).toMatchObject({ state: 'unknown', next: null });
    expect(JSON.stringify([world.news(), world.said(), world.lines])).not.toContain('secret text');
  });
});

describe('/again, retry and discard', () => {
  it('sends what may not have arrived of this chat and thread only, and does nothing the second time', async () => {
    const world = createWorld();
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.text.startsWith('x') ? channelError('permanent') : 'ok';
    world.container.say('x1');
    world.container.say('x2', { to: 'fake:2' });
    world.container.say('x3', { threadId: 't' });
    await world.drain();
    world.channel.behave = () => 'ok';
    expect(await world.delivery().again(world.session.id, here)).toBe(1);
    await settle();
    expect(world.said().filter((text) => text.startsWith('x'))).toEqual(['x1']);
    expect(await world.delivery().again(world.session.id, here)).toBe(0);
    expect(await world.delivery().retry(world.session.id, 'out:out_3')).toBe(true);
    await settle();
    expect(world.said().filter((text) => text.startsWith('x'))).toEqual(['x1', 'x2']);
    expect(await world.delivery().discard(world.session.id, 'out:out_5')).toBe(true);
    expect(await world.delivery().retry(world.session.id, 'out:out_5')).toBe(false);
  });

  it('never sends what was refused', async () => {
    const world = createWorld();
    world.container.say('foreign', { to: 'fake:99' });
    await world.drain();
    expect(await world.delivery().retry(world.session.id, 'out:out_1')).toBe(false);
  });
});
