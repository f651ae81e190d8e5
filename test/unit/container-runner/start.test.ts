import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CredentialError } from '../../../src/credentials/types.js';
import { EngineError } from '../../../src/engine/types.js';
import { createWorld, settle } from './world.js';

describe('starting', () => {
  it('builds a claude container in the fixed order and gives it the door to the model', async () => {
    const world = createWorld({ provider: 'claude' });
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    expect(world.calls).toEqual(['prepareMounts', `open ${id}`, 'ensureAgent', 'applyContainerConfig']);
    const [spec] = world.engine.starts;
    expect(spec).toMatchObject({ name: `wharfie-test-${id}`, incarnation: 1, mode: 'run', user: null });
    expect(spec?.env).toMatchObject({
      WHARFIE_SESSION_ID: id,
      WHARFIE_INCARNATION: '1',
      WHARFIE_MODE: 'run',
      WHARFIE_PROVIDER: 'claude',
      TZ: 'Europe/Berlin',
      PLACEHOLDER: 'yes',
    });
    expect(spec?.mounts.map(({ target, readOnly }) => `${target} ${readOnly ? 'ro' : 'rw'}`)).toEqual([
      '/workspace/in ro',
      '/workspace/outbound.db rw',
      '/workspace/outbound.db-journal rw',
      '/workspace/out rw',
      '/workspace/agent rw',
      '/workspace/global ro',
      '/home/node rw',
      '/run/wharfie ro',
    ]);
  });

  it('gives a mock container neither door nor credentials', async () => {
    const world = createWorld({ provider: 'mock' });
    const id = world.add();
    await world.say(id);
    world.runner.wake(id);
    await settle();
    expect(world.calls).toEqual(['prepareMounts']);
    expect(world.engine.starts[0]?.mounts.some(({ target }) => target === '/run/wharfie')).toBe(false);
  });

  it('starts nothing for a session without open work', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id, world.clock.now() + 1000);
    world.runner.wake(id);
    await settle();
    expect(world.engine.starts).toHaveLength(0);
    expect(world.runner.isScheduled(id)).toBe(false);
  });

  it('rings a container that runs, and never starts a second one', async () => {
    const world = createWorld();
    const id = world.add();
    await world.say(id);
    const release = world.engine.holdStarts();
    world.runner.wake(id);
    world.runner.wake(id);
    await settle();
    release();
    await settle();
    // Once by itself: a message may have come while it started.
    expect(world.container(id)?.rings).toBe(1);
    world.runner.wake(id);
    expect(world.container(id)?.rings).toBe(2);
    expect(world.engine.starts).toHaveLength(1);
    world.container(id)?.ring();
    await settle();
    expect(world.rings).toEqual([id]);
  });

  it('waits for an engine that is down, tells it once, and starts all that wait when it is back', async () => {
    const world = createWorld({ capacity: 5 });
    const ids = [world.add(), world.add(), world.add()];
    for (const id of ids) await world.say(id);
    world.engine.breakDown(new EngineError('engine-unreachable', 'Docker does not answer.', 'Start it.'));
    for (const id of ids) world.runner.wake(id);
    await settle();
    expect(world.blocked.map(({ code }) => code)).toEqual(Array(3).fill('engine-unreachable'));
    await world.clock.advance(40_000);
    expect(world.blocked).toHaveLength(3);
    world.engine.breakDown(null);
    await world.clock.advance(15_000);
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId).sort()).toEqual(ids.sort());
  });

  it('tells a new message again why the agent does not run', async () => {
    const world = createWorld({ provider: 'claude' });
    const id = world.add();
    await world.say(id);
    world.setMissing(new CredentialError('credential-missing', 'There is no key.', 'Give one.'));
    world.runner.wake(id);
    await settle();
    world.runner.wake(id);
    expect(world.blocked).toEqual(Array(2).fill({ sessionId: id, code: 'credential-missing' }));
    expect(world.engine.starts).toHaveLength(0);
    world.setMissing(null);
    await world.clock.advance(1000);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('does not hold a mock group up for want of a credential', async () => {
    const world = createWorld();
    world.setMissing(new CredentialError('credential-missing', 'There is no key.', 'Give one.'));
    const id = world.add('mock');
    await world.say(id);
    world.runner.wake(id);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });

  it('tries a failed start again, later and later, without holding others up', async () => {
    let failing = true;
    const world = createWorld({
      provider: 'claude',
      extra: {
        credentials: {
          kind: 'onecli',
          missing: () => null,
          async ensureAgent({ name }) {
            if (failing && name === 'g0')
              throw new CredentialError('onecli-unreachable', 'No OneCLI.', 'Wait.');
          },
          applyContainerConfig: async (spec) => spec,
          modelUpstream: () => Promise.reject(new Error('not asked here')),
          proxyFor: async () => null,
          onRefused: () => undefined,
        },
      },
    });
    const [bad, good] = [world.add(), world.add()];
    await world.say(bad);
    await world.say(good);
    world.runner.wake(bad);
    world.runner.wake(good);
    await settle();
    expect(world.engine.starts.map(({ sessionId }) => sessionId)).toEqual([good]);
    expect(world.blocked).toEqual([{ sessionId: bad, code: 'onecli-unreachable' }]);
    await world.clock.advance(1000);
    await world.clock.advance(1999);
    expect(world.blocked).toHaveLength(1);
    failing = false;
    await settle();
    expect(world.engine.starts).toHaveLength(1);
    await world.clock.advance(1);
    await settle();
    expect(world.engine.starts).toHaveLength(2);
    // An incarnation is never used twice, failed starts included.
    expect(world.engine.starts[1]?.incarnation).toBe(3);
  });

  it('reports a session whose file is broken, though telling why fails as well, and keeps trying', async () => {
    const world = createWorld();
    const id = world.add();
    const session = world.sessions.get(id);
    if (!session) throw new Error('no session');
    const { inboundDb } = world.sessions.paths(session);
    await world.say(id);
    world.sessions.release(id);
    const sound = readFileSync(inboundDb);
    writeFileSync(inboundDb, 'no database at all'.repeat(500));
    const told: string[] = [];
    world.runner.onBlocked((_id, { code }) => {
      told.push(code);
      throw new Error('nor can this');
    });
    world.runner.wake(id);
    await settle();
    expect(told).toEqual(['session-corrupt']);
    writeFileSync(inboundDb, sound);
    await world.clock.advance(1000);
    await settle();
    expect(world.engine.starts).toHaveLength(1);
  });
});

describe('a session that is woken at the very moment when what was missing is there', () => {
  it.each(Array.from({ length: 16 }, (_, ticks) => ticks))(
    'starts, %i ticks before or after',
    async (ticks) => {
      const world = createWorld({ provider: 'claude' });
      const [first, second] = [world.add(), world.add()];
      const { check } = world.engine;
      world.engine.check = () => Promise.reject(new EngineError('engine-unreachable', 'Down.', 'Wait.'));
      await world.say(first);
      await world.say(second);
      world.runner.wake(first);
      await settle();
      world.engine.check = async () => {
        world.engine.check = check;
        world.runner.wake(second);
        for (let tick = 0; tick < ticks; tick += 1) await null;
      };
      await world.clock.advance(1000);
      await settle();
      expect(world.runner.running().map(({ sessionId }) => sessionId)).toEqual(
        expect.arrayContaining([first, second]),
      );
    },
  );
});
