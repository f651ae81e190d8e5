import { expect } from 'vitest';
import { factsOf, missingCredentials } from '../../../src/channels/catalog/index.js';
import { createChannelRegistry } from '../../../src/channels/registry/index.js';
import { silentLog } from '../../fakes/log.js';
import type { ContractCase } from '../contract.js';
import { groupOf, triedInVain } from './intake.js';
import { type RecordingHost, requestOf, type Stage, textPart } from './stage.js';

function registryOf(stage: Stage, host: RecordingHost) {
  const { adapter, clock } = stage;
  const deps = { adapters: [adapter], hostFor: () => host, clock, random: () => 0, log: silentLog };
  return createChannelRegistry(deps);
}

const cursor = (platformId: string, lastMessageId: string) => [{ platformId, lastMessageId, lastAt: 0 }];

/** Coming up, going down, and what was said meanwhile. */
export const connectionCases = {
  async 'it can do what the catalog says'(stage) {
    expect(stage.adapter.capabilities).toEqual(factsOf(stage.adapter.channelType).capabilities);
  },

  async 'missing credentials are named, and nothing is thrown by the registry'(stage, host) {
    const { channelType } = stage.adapter;
    const facts = factsOf(channelType);
    const missing = missingCredentials(facts, {});
    expect(missing).not.toEqual([]);
    const adapter = stage.again(Object.fromEntries(facts.credentials.map(({ name }) => [name, undefined])));
    await expect(adapter.start(host)).rejects.toMatchObject({ code: 'channel-unconfigured' });
    expect(adapter.health()).toEqual({ state: 'unconfigured', missing });
    const to = stage.direct;
    await expect(adapter.deliver(requestOf(to, textPart('x')))).rejects.toMatchObject({
      errorClass: 'transient',
    });
  },

  async 'a platform that is down at the start is tried again'(stage, host) {
    await stage.goDown();
    const registry = registryOf(stage, host);
    registry.start();
    await host.until(() => registry.status()[0]?.nextTryAt ?? undefined);
    expect(registry.status()[0]?.health.state).toBe('failed');
    await stage.comeUp();
    registry.retry(stage.adapter.channelType);
    await host.until(() => registry.status()[0]?.health.state === 'connected');
    stage.say(stage.direct, 'good to see you');
    await host.heard('good to see you');
    await registry.stop();
  },

  async 'a revoked token shows, and a new one heals it'(stage, host) {
    const registry = registryOf(stage, host);
    registry.start();
    await host.until(() => registry.status()[0]?.health.state === 'connected');
    stage.revokeToken();
    const delivery = stage.adapter.deliver(requestOf(stage.direct, textPart('anybody?')));
    await expect(delivery).rejects.toMatchObject({ errorClass: 'transient' });
    const failed = await host.until(() => {
      const { health, nextTryAt } = registry.status()[0] ?? {};
      return nextTryAt && health?.state === 'failed' && health;
    });
    expect(failed.fix).not.toBe('');
    stage.restoreToken();
    registry.retry(stage.adapter.channelType);
    await host.until(() => registry.status()[0]?.health.state === 'connected');
    await stage.adapter.deliver(requestOf(stage.direct, textPart('again')));
    expect(stage.heard(stage.direct).map((heard) => heard.text)).toEqual(['again']);
    await registry.stop();
  },

  async 'what was said while the host was away is read once, in order, before what comes now'(stage, host) {
    const group = groupOf(stage);
    const known = stage.say(group, 'known', { unheard: true });
    const thread = stage.adapter.capabilities.threads ? stage.thread() : group;
    for (const [at, place] of [group, thread, group].entries()) {
      stage.say(place, `missed ${at}`, { unheard: true });
    }
    host.setCursors(cursor(group.platformId, known));
    await stage.adapter.start(host);
    stage.say(group, 'now');
    await host.heard('now');
    expect(host.events.map((event) => event.text)).toEqual(['missed 0', 'missed 1', 'missed 2', 'now']);
    expect(host.events[1]?.threadId).toBe(thread.threadId);
  },

  async 'a message in the history that cannot be read keeps out none of the others'(stage, host) {
    const known = stage.say(stage.direct, 'known', { unheard: true });
    stage.say(stage.direct, 'missed before', { unheard: true });
    const messageId = stage.say(stage.direct, 'not to be read', { garbled: true, unheard: true });
    stage.say(stage.direct, 'missed after', { unheard: true });
    host.setCursors(cursor(stage.direct.platformId, known));
    await stage.adapter.start(host);
    await triedInVain(stage, host, messageId);
    await host.heard('missed after');
    expect(host.events.map((event) => event.text)).toEqual(['missed before', 'missed after']);
  },

  async 'a broken connection comes back by itself, with what was missed'(stage, host) {
    await stage.adapter.start(host);
    const known = stage.say(stage.direct, 'before');
    await host.heard('before');
    host.setCursors(cursor(stage.direct.platformId, known));
    for (const resumable of [true, false]) {
      stage.breakConnection({ resumable });
      await host.until(() => stage.adapter.health().state === 'connecting');
      stage.say(stage.direct, `meanwhile ${resumable}`);
      await host.heard(`meanwhile ${resumable}`);
      expect(stage.adapter.health()).toEqual({ state: 'connected' });
    }
  },

  async 'history and a chat can be asked for'(stage, host) {
    const group = groupOf(stage);
    await stage.adapter.start(host);
    const first = stage.say(group, 'one', { unheard: true });
    stage.say(group, 'two', { unheard: true });
    const said: string[] = [];
    const since = stage.adapter.fetchSince?.(group.platformId, first, new AbortController().signal) ?? [];
    for await (const event of since) said.push(event.text);
    expect(said).toEqual(['two']);
    expect(await stage.adapter.resolveChat?.(group.platformId)).toMatchObject({
      platformId: group.platformId,
      isGroup: true,
    });
  },

  async 'it stops, and starts again'(stage, host) {
    await stage.adapter.start(host);
    await stage.adapter.stop();
    const to = stage.direct;
    const delivery = stage.adapter.deliver(requestOf(to, textPart('too late')));
    await expect(delivery).rejects.toMatchObject({ errorClass: 'transient' });
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(to, textPart('back')));
    expect(stage.heard(to).map((heard) => heard.text)).toEqual(['back']);
  },
} satisfies Record<string, ContractCase>;
