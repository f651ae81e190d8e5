import { describe, expect, it } from 'vitest';
import { channelError, createWorld, settle, type World } from './world.js';

const HOUR = 3_600_000;
const dead = "I couldn't deliver a message here. Send /again and I'll try once more.";

/** Of all that is said only this text fails. */
const failingAt =
  (text: string, errorClass: 'transient' | 'permanent'): World['channel']['behave'] =>
  ({ part }) =>
    part.type === 'text' && part.text === text ? channelError(errorClass) : 'ok';

/** The channel connects again, and what waits for it is said. */
async function comesBack(world: World): Promise<void> {
  world.channel.setHealth({ state: 'connected' });
  world.delivery().channelConnected('fake');
  await settle();
}

describe('a channel that is down', () => {
  it('loses nothing in six hours, with waits of 1 s doubling to 5 min, and sends in order when it is back', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('transient', 'fake-unreachable');
    for (const text of ['one', 'two', 'three']) world.container.say(text);
    await world.drain();
    const times = [0];
    for (let at = 0; at < 200; at += 1) {
      const before = world.channel.asked.length;
      await world.pass(1000);
      if (world.channel.asked.length > before) times.push(at + 1);
    }
    expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 127]);
    await world.pass(6 * HOUR, 30_000);
    expect(world.channel.asked.length).toBeLessThan(100);
    world.channel.behave = () => 'ok';
    await world.pass(5 * 60_000, 10_000);
    expect(world.said()).toEqual(['one', 'two', 'three']);
    expect(world.news()).toEqual([]);
  });

  it('is tried by everybody as soon as one gets through', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('transient', 'fake-unreachable');
    world.container.say('one');
    world.container.say('two', { to: 'fake:2' });
    await world.drain();
    await world.pass(HOUR, 30_000);
    world.channel.behave = () => 'ok';
    world.container.say('three', { to: 'fake:3' });
    await world.drain();
    expect(world.said()).toEqual(['three', 'one', 'two']);
  });

  it('counts no tries and asks nobody while it is not connected, and goes on when it is', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('one');
    await world.drain();
    await world.pass(HOUR, 30_000);
    expect(world.channel.asked).toEqual([]);
    await comesBack(world);
    expect(world.said()).toEqual(['one']);
  });

  it('wakes what waits on disk only, when it connects after a restart', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('one');
    await world.drain();
    await world.pass(10 * 60_000, 10_000);
    await world.restart();
    await comesBack(world);
    expect(world.said()).toEqual(['one']);
  });

  it('is not yet when it is not enabled: never delivered, never lost', async () => {
    const world = createWorld();
    world.channels.delete('fake');
    world.container.say('one');
    await world.drain();
    await world.pass(HOUR, 30_000);
    expect(world.ledger()[0]).toMatchObject({ state: 'failed', class: 'channel-down' });
    world.channels.set('fake', world.channel.adapter);
    world.delivery().channelConnected('fake');
    await settle();
    expect(world.said()).toEqual(['one']);
  });

  it('gives up after a day, tells the agent and the owner, and says so in one line when it is back', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'failed', detail: 'x', fix: 'y' });
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    await world.pass(23 * HOUR, 300_000);
    expect(world.ledger().map((row) => row.state)).toEqual(['failed', 'failed']);
    await world.pass(2 * HOUR, 300_000);
    expect(
      world
        .ledger()
        .filter((row) => row.key.startsWith('out:'))
        .map((row) => row.state),
    ).toEqual(['dead', 'dead']);
    expect(world.news()).toHaveLength(2);
    expect(world.owner.length).toBeGreaterThan(0);
    await comesBack(world);
    expect(world.said()).toEqual([dead]);
  });

  it('waits for ever where nobody there is no outage', async () => {
    const world = createWorld({ capabilities: { waitsForEver: true } });
    world.channel.setHealth({ state: 'connecting', detail: 'no terminal' });
    world.container.say('one');
    await world.drain();
    await world.pass(72 * HOUR, 600_000);
    await comesBack(world);
    expect(world.said()).toEqual(['one']);
  });

  it('gives a day-old message its chance after the host was off for two days', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('one');
    await world.drain();
    world.clock.jumpWall(48 * HOUR);
    await world.restart();
    await world.drain();
    await world.pass(5000);
    await comesBack(world);
    expect(world.said()).toEqual(['one']);
  });

  it('is told by every chat failing: all of them wait, none dies', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('transient');
    world.container.say('one');
    world.container.say('two', { to: 'fake:2' });
    await world.drain();
    await world.pass(2 * HOUR, 10_000);
    expect(world.ledger().map((row) => row.state)).toEqual(['failed', 'failed']);
    world.channel.behave = () => 'ok';
    await world.pass(5 * 60_000 + 30_000, 5000);
    expect(world.said().sort()).toEqual(['one', 'two']);
  });
});

describe('a message that fails alone', () => {
  it('dies after six tries in ten minutes; its notice takes its place before what is behind it', async () => {
    const world = createWorld();
    world.channel.behave = failingAt('poison', 'transient');
    world.container.say('poison');
    world.container.say('good');
    await world.drain();
    world.container.say('elsewhere', { to: 'fake:2' });
    await world.drain();
    await world.pass(9 * 60_000);
    const tries = world.channel.asked.filter(({ part }) => part.type === 'text' && part.text === 'poison');
    expect(tries).toHaveLength(6);
    expect(world.said()).toEqual(['elsewhere', dead, 'good']);
    expect(world.news()).toEqual([expect.stringContaining('Your message 1 could not be delivered')]);
  });

  it('lives on when the whole channel goes down while it is being tried', async () => {
    const world = createWorld();
    world.channel.behave = ({ to }) => (to.platformId === 'fake:1' ? channelError('transient') : 'ok');
    world.container.say('one');
    await world.drain();
    await world.pass(1000);
    world.container.say('elsewhere', { to: 'fake:2' });
    await world.drain();
    expect(world.said()).toEqual(['elsewhere']);
    world.channel.behave = () => channelError('transient');
    for (const [n, text] of ['two', 'three'].entries()) world.container.say(text, { to: `fake:${n + 2}` });
    await world.drain();
    await world.pass(HOUR, 10_000);
    world.channel.behave = () => 'ok';
    await world.pass(10 * 60_000, 5000);
    expect(world.said().slice(1).sort()).toEqual(['one', 'three', 'two']);
  });

  it('in the only chat dies when its notice gets through', async () => {
    const world = createWorld();
    world.channel.behave = failingAt('poison', 'transient');
    world.container.say('poison');
    world.container.say('good');
    await world.drain();
    await world.pass(9 * 60_000);
    expect(world.said()).toEqual([dead, 'good']);
    expect(world.ledger().map((row) => [row.state, row.next])).toEqual([
      ['dead', null],
      ['sent', null],
      ['sent', null],
    ]);
  });

  it('in the only chat lives on when its notice fails as well: the channel is down', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('transient');
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    await world.pass(2 * HOUR, 10_000);
    world.channel.behave = () => 'ok';
    await world.pass(10 * 60_000, 5000);
    expect(world.said()).toEqual(['one', 'two']);
    expect(world.ledger()).toHaveLength(2);
  });

  it('dies at once where the platform says never, and tells the agent once', async () => {
    const world = createWorld();
    world.channel.behave = failingAt('bad', 'permanent');
    world.container.say('bad');
    world.container.say('good');
    await world.drain();
    expect(world.channel.asked).toHaveLength(3);
    expect(world.said()).toEqual([dead, 'good']);
    await world
      .delivery()
      .again(world.session.id, { channelType: 'fake', platformId: 'fake:1', threadId: '' });
    await settle();
    expect(world.news()).toHaveLength(1);
  });

  it('keeps its tries over restarts between all of them', async () => {
    const world = createWorld();
    world.channel.behave = ({ to }) => (to.platformId === 'fake:1' ? channelError('transient') : 'ok');
    world.container.say('poison');
    for (let tries = 1; tries <= 5; tries += 1) {
      await world.drain();
      expect(world.ledger()[0]).toMatchObject({ state: 'failed', attempts: tries });
      await world.restart();
      world.clock.jumpWall(331_000);
    }
    expect(world.channel.asked).toHaveLength(5);
  });
});

describe('a rate limit', () => {
  it('waits what the platform says, is no try, and holds up no other chat', async () => {
    const world = createWorld();
    world.channel.behave = ({ to }) =>
      to.platformId === 'fake:1' ? channelError('rate-limited', 'fake-429', 90_000) : 'ok';
    world.container.say('one');
    world.container.say('two', { to: 'fake:2' });
    await world.drain();
    expect(world.said()).toEqual(['two']);
    await world.pass(89_000);
    expect(world.channel.asked).toHaveLength(2);
    expect(world.ledger()[0]).toMatchObject({ state: 'failed', attempts: 0 });
    world.channel.behave = () => 'ok';
    await world.pass(8000);
    expect(world.said()).toEqual(['two', 'one']);
  });
});
