import { describe, expect, test } from 'vitest';
import type { ChannelAdapter, ChannelHealth, ChannelHost } from '../../../src/channels/adapter.js';
import { createChannelRegistry } from '../../../src/channels/registry/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createMemoryLog } from '../../fakes/log.js';

/** A channel that does what the test says. */
function createPuppet(channelType: string) {
  const puppet = {
    starts: 0,
    stops: 0,
    health: { state: 'connecting', detail: 'new' } as ChannelHealth,
    host: null as ChannelHost | null,
    onStart: async () => {},
    onStop: async () => {},
  };
  const adapter: ChannelAdapter = {
    channelType,
    capabilities: {
      threads: false,
      edits: false,
      reactions: false,
      typing: false,
      files: false,
      buttons: false,
      coldDirectMessages: false,
      textLimit: { max: 100, unit: 'utf16' },
      idempotency: false,
      history: false,
      waitsForEver: false,
    },
    async start(host) {
      puppet.starts += 1;
      puppet.host = host;
      await puppet.onStart();
      puppet.health = { state: 'connected' };
    },
    async stop() {
      puppet.stops += 1;
      await puppet.onStop();
    },
    health: () => puppet.health,
    splitText: (text) => [text],
    deliver: async () => ({ messageIds: [] }),
    setTyping: async () => {},
  };
  return Object.assign(puppet, { adapter });
}

function setUp(...types: string[]) {
  const clock = createFakeClock();
  const puppets = types.map(createPuppet);
  const changes: string[] = [];
  const { log, lines } = createMemoryLog('info');
  const registry = createChannelRegistry({
    adapters: puppets.map((puppet) => puppet.adapter),
    hostFor: (type) => ({
      receive: async () => {},
      unread: () => 'set-aside',
      cursors: () => [],
      healthChanged: () => void changes.push(type),
    }),
    clock,
    random: () => 1,
    log,
  });
  return { clock, registry, changes, lines, puppets };
}

const refuse = async () => {
  throw new Error('no route');
};

describe('the channel registry', () => {
  test('starts every channel on its own: one that fails or hangs stops no other', async () => {
    const { clock, registry, puppets } = setUp('bad', 'stuck', 'good');
    const [bad, stuck, good] = puppets;
    Object.assign(bad ?? {}, { onStart: refuse });
    Object.assign(stuck ?? {}, { onStart: () => new Promise(() => {}) });
    registry.start();
    await clock.advance(0);
    expect(registry.status().map((one) => one.health.state)).toEqual(['failed', 'connecting', 'connected']);
    expect(registry.get('good')).toBe(good?.adapter);
    expect(registry.get('nobody')).toBeUndefined();
  });

  test('tries for ever, from a second to five minutes apart', async () => {
    const { clock, registry, puppets } = setUp('bad');
    const bad = puppets[0];
    Object.assign(bad ?? {}, { onStart: refuse });
    registry.start();
    const waits: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      await clock.advance(0);
      const wait = (registry.status()[0]?.nextTryAt ?? 0) - clock.now();
      waits.push(wait / 1000);
      await clock.advance(wait);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
    expect(bad?.starts).toBe(13);
    Object.assign(bad ?? {}, { onStart: async () => {} });
    await clock.advance(300_000);
    expect(registry.status()).toMatchObject([
      { failures: 0, nextTryAt: null, health: { state: 'connected' } },
    ]);
  });

  test('retries at once when asked', async () => {
    const { clock, registry, puppets } = setUp('bad');
    Object.assign(puppets[0] ?? {}, { onStart: refuse });
    registry.start();
    await clock.advance(100_000);
    Object.assign(puppets[0] ?? {}, { onStart: async () => {} });
    registry.retry('bad');
    await clock.advance(0);
    expect(registry.status()[0]?.health).toEqual({ state: 'connected' });
  });

  test('a channel that says that it failed is stopped and started anew', async () => {
    const { clock, registry, puppets, changes } = setUp('moody');
    const moody = puppets[0];
    registry.start();
    await clock.advance(0);
    if (moody) moody.health = { state: 'failed', detail: 'session refused', fix: 'switch it on' };
    const before = changes.length;
    moody?.host?.healthChanged();
    await clock.advance(0);
    expect(changes.length).toBeGreaterThan(before);
    expect(moody).toMatchObject({ starts: 1, stops: 1 });
    expect(registry.status()[0]?.health).toMatchObject({ state: 'failed', fix: 'switch it on' });
    await clock.advance(1000);
    expect(moody?.starts).toBe(2);
  });

  test('a channel that is reconnecting by itself is left alone', async () => {
    const { clock, registry, puppets } = setUp('moody');
    registry.start();
    await clock.advance(0);
    if (puppets[0]) puppets[0].health = { state: 'connecting', detail: 'broken' };
    puppets[0]?.host?.healthChanged();
    await clock.advance(600_000);
    expect(puppets[0]).toMatchObject({ starts: 1, stops: 0 });
  });

  test('missing credentials are reported once, not at every try', async () => {
    const { clock, registry, puppets, lines } = setUp('bare');
    const bare = puppets[0];
    Object.assign(bare ?? {}, {
      onStart: async () => {
        if (bare) bare.health = { state: 'unconfigured', missing: ['BARE_TOKEN'] };
        throw new Error('no token');
      },
    });
    registry.start();
    await clock.advance(3_600_000);
    expect(bare?.starts).toBeGreaterThan(10);
    const warned = lines.filter((line) => line.missing !== undefined);
    expect(warned).toMatchObject([{ channel: 'bare', missing: ['BARE_TOKEN'] }]);
  });

  test('stop waits for each, but not for one that hangs, and nothing starts afterwards', async () => {
    const { clock, registry, puppets } = setUp('stuck', 'bad');
    Object.assign(puppets[0] ?? {}, { onStop: () => new Promise(() => {}) });
    Object.assign(puppets[1] ?? {}, { onStart: refuse });
    registry.start();
    await clock.advance(0);
    let stopped = false;
    const stopping = registry.stop(2000).then(() => {
      stopped = true;
    });
    await clock.advance(1999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stopping;
    await clock.advance(3_600_000);
    expect(puppets.map((puppet) => puppet.starts)).toEqual([1, 1]);
  });
});
