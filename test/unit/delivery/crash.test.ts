import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelCapabilities } from '../../../src/channels/adapter.js';
import type { CrashPointName } from '../../../src/crash-point.js';
import type { Behaviour } from '../../fakes/chat-channel.js';
import { channelError, createWorld, settle } from './world.js';

const POINTS = ['delivery:before-send', 'delivery:after-send', 'delivery:after-mark'] as const;
type Point = (typeof POINTS)[number];

/** A world whose delivery ends at the named point as if killed: what it had in memory is gone. */
function mortal(capabilities: Partial<ChannelCapabilities>) {
  let armed: CrashPointName | null = null;
  let dead = false;
  const world = createWorld({
    capabilities,
    max: 8,
    onCrashPoint(name) {
      // What the lane had in memory is lost with this; the restart comes before it would try again.
      if (dead || name !== armed) return;
      dead = true;
      throw new Error('killed');
    },
  });
  return {
    ...world,
    arm(point: Point) {
      armed = point;
    },
    async revive() {
      armed = null;
      await world.restart();
      dead = false;
      await world.drain();
    },
    isDead: () => dead,
  };
}

describe('a host that is killed', () => {
  for (const point of POINTS) {
    it(`at ${point} says it once where the platform knows the key`, async () => {
      const world = mortal({ idempotency: true });
      world.arm(point);
      world.container.say('one two three');
      world.container.say('four');
      await world.drain();
      expect(world.isDead()).toBe(true);
      await world.revive();
      await world.pass(20_000);
      expect(world.said()).toEqual(['one two ', 'three', 'four']);
    });

    it(`at ${point} says it once where the platform has a history`, async () => {
      const world = mortal({ history: true });
      world.arm(point);
      world.container.say('one two three');
      world.container.say('four');
      await world.drain();
      await world.revive();
      await world.pass(30_000);
      expect(world.said()).toEqual(['one two ', 'three', 'four']);
    });
  }

  it('in the middle of a send leaves it unknown where the platform has neither', async () => {
    const world = mortal({});
    world.arm('delivery:after-send');
    world.container.say('one');
    await world.drain();
    await world.revive();
    await world.pass(5000);
    expect(world.ledger()[0]).toMatchObject({ state: 'unknown', next: null });
    expect(world.said()[0]).toBe('one');
    expect(world.said().filter((text) => text === 'one')).toHaveLength(1);
  });
});

describe('a message that had to wait', () => {
  it('is announced on disk before it leaves: killed in the middle of its send, it is not said again', async () => {
    const world = mortal({});
    world.channel.setHealth({ state: 'connecting', detail: 'x' });
    world.container.say('one');
    await world.drain();
    expect(world.ledger()[0]).toMatchObject({ state: 'failed', doubt: null });
    world.arm('delivery:after-send');
    world.channel.setHealth({ state: 'connected' });
    world.delivery().channelConnected('fake');
    await settle();
    expect(world.isDead()).toBe(true);
    await world.revive();
    await world.pass(5000);
    expect(world.ledger()[0]).toMatchObject({ state: 'unknown', next: null });
    expect(world.said().filter((text) => text === 'one')).toHaveLength(1);
  });
});

interface Step {
  act: 'say' | 'kill' | 'pass' | 'down' | 'up' | 'behave';
  n: number;
}

const BEHAVIOURS: (() => Behaviour)[] = [
  () => 'ok',
  () => 'lost',
  () => channelError('transient'),
  () => channelError('unknown'),
  () => channelError('rate-limited', 'fake-429', 5000),
  () => channelError('transient', 'fake-unreachable'),
];

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom('say', 'say', 'say', 'kill', 'pass', 'down', 'up', 'behave'),
    n: fc.nat(99),
  }),
  { minLength: 5, maxLength: 25 },
);

async function play(capabilities: Partial<ChannelCapabilities>, script: Step[]) {
  const world = mortal(capabilities);
  const wanted = new Map<string, string[]>();
  let behaviour: () => Behaviour = () => 'ok';
  // Every other answer is a good one: each message gets through before its tries are used up.
  let turn = 0;
  world.channel.behave = () => (turn++ % 2 === 0 ? behaviour() : 'ok');
  for (const [at, { act, n }] of script.entries()) {
    const chat = `fake:${(n % 2) + 1}`;
    if (act === 'say') {
      world.container.say(`${at}`, { to: chat });
      wanted.set(chat, [...(wanted.get(chat) ?? []), `${at}`]);
      await world.drain();
    }
    if (act === 'kill') {
      world.arm(POINTS[n % POINTS.length] ?? 'delivery:before-send');
      await world.drain();
      await world.pass(3000);
      await world.revive();
    }
    if (act === 'pass') await world.pass(n * 500, 2500);
    if (act === 'down') world.channel.setHealth({ state: 'connecting', detail: 'x' });
    if (act === 'up') {
      world.channel.setHealth({ state: 'connected' });
      world.delivery().channelConnected('fake');
      await settle();
    }
    if (act === 'behave') behaviour = BEHAVIOURS[n % BEHAVIOURS.length] ?? behaviour;
  }
  world.channel.behave = () => 'ok';
  world.channel.setHealth({ state: 'connected' });
  world.delivery().channelConnected('fake');
  await world.pass(15 * 60_000, 10_000);
  return { world, wanted };
}

describe('whatever happens', () => {
  it('every message arrives once and in order where the platform can tell', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { world, wanted } = await play({ idempotency: true, history: true }, script);
        for (const chat of ['fake:1', 'fake:2']) {
          const arrived = world.channel.arrived.filter((one) => one.platformId === chat);
          expect(arrived.map((one) => one.said)).toEqual(wanted.get(chat) ?? []);
        }
        expect(world.ledger().every((row) => row.state === 'sent' && row.next === null)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('nothing is said twice or out of order where it cannot, and what is missing is known', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { world, wanted } = await play({}, script);
        const states = world.ledger().filter((row) => row.key.startsWith('out:'));
        expect(states.every((row) => row.next === null && row.state !== 'dead')).toBe(true);
        for (const [chat, texts] of wanted) {
          const arrived = world.channel.arrived
            .filter((one) => one.platformId === chat && /^\d+$/.test(one.said))
            .map((one) => one.said);
          expect(arrived).toEqual(texts.filter((text) => arrived.includes(text)));
        }
        const sent = states.filter((row) => row.state === 'sent').length;
        const said = world.said().filter((text) => /^\d+$/.test(text)).length;
        expect(said).toBeGreaterThanOrEqual(sent);
      }),
      { numRuns: 15 },
    );
  });
});
