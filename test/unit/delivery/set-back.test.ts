import { describe, expect, it } from 'vitest';
import { channelError, createWorld } from './world.js';

const HOUR = 3_600_000;

describe('a wall clock that is set back', () => {
  it('makes nothing wait until it has caught up, and changes no order', async () => {
    const world = createWorld();
    world.channel.behave = () => channelError('transient');
    world.container.say('one');
    await world.drain();
    world.container.say('two');
    await world.drain();
    world.channel.behave = () => 'ok';
    world.clock.jumpWall(-3 * HOUR);
    world.container.say('three');
    await world.drain();
    await world.pass(1000);
    expect(world.said()).toEqual(['one', 'two', 'three']);
  });

  it('makes nothing wait after a restart either', async () => {
    const world = createWorld();
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('one');
    world.container.say('two');
    await world.drain();
    await world.restart();
    world.clock.jumpWall(-3 * HOUR);
    world.channel.setHealth({ state: 'connected' });
    await world.drain();
    await world.pass(1000);
    expect(world.said()).toEqual(['one', 'two']);
  });

  it('brings nothing forward that the agent wrote for a time of its own', async () => {
    const world = createWorld();
    world.container.say('later', { deliverAfter: world.clock.now() + HOUR });
    await world.drain();
    world.clock.jumpWall(-HOUR);
    await world.drain();
    await world.pass(1000);
    expect(world.said()).toEqual([]);
    await world.pass(2 * HOUR, 60_000);
    expect(world.said()).toEqual(['later']);
  });
});
