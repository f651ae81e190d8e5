import { describe, expect, it } from 'vitest';
import { createRouter } from '../../../src/router.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createHarness, type Harness, message } from './harness.js';

const MINUTE_MS = 60_000;
const AGAIN_MS = 30_000;
const coded = (code: string) => Object.assign(new Error(code), { code });

async function settle() {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** A router over sessions of which those of the named folders take nothing in. */
function withBroken(h: Harness, broken: Set<string>, code = 'session-unwritable') {
  let tries = 0;
  const router = createRouter({
    ...h.deps,
    sessionManager: {
      ...h.sessionManager,
      write: async (id, change, options) => {
        const folder = h.sessions().find((session) => session.id === id)?.folder ?? '';
        if (!broken.has(folder)) return h.sessionManager.write(id, change, options);
        tries += 1;
        throw coded(code);
      },
    },
  });
  return { router, tries: () => tries };
}

function two(h: Harness) {
  for (const folder of ['a', 'b']) h.register({ folder, trigger: 'all' });
}

describe('an agent that can take nothing in', () => {
  it('is waited for a minute, then its message is held, told, and the others of the chat go on', async () => {
    const h = createHarness();
    two(h);
    const broken = new Set(['a']);
    const { router } = withBroken(h, broken);
    const first = message('all, one');
    await expect(router.routeInbound(first)).rejects.toMatchObject({ code: 'intake-failed' });
    await h.clock.advance(MINUTE_MS - 1);
    await expect(router.routeInbound(first)).rejects.toMatchObject({ code: 'intake-failed' });
    expect(h.held()).toBe(0);
    await h.clock.advance(1);
    expect(await router.routeInbound(first)).toEqual({ kind: 'held' });
    expect(await router.routeInbound(message('all, two'))).toEqual({ kind: 'held' });
    expect([h.texts('a'), h.texts('b')]).toEqual([[], ['all, one', 'all, two']]);
    expect(h.dropped()).toEqual([{ reason: 'session-stuck', count: 2 }]);
    expect(h.said.at(-1)?.text).toMatch(/can't take messages.*person who runs me/);
    broken.clear();
    await h.clock.advance(AGAIN_MS);
    await settle();
    expect([h.texts('a'), h.texts('b')]).toEqual([
      ['all, one', 'all, two'],
      ['all, one', 'all, two'],
    ]);
    expect(h.held()).toBe(0);
  });

  it('stays held over a restart, and the host tries again by itself', async () => {
    const h = createHarness();
    two(h);
    const broken = new Set(['a']);
    const { router } = withBroken(h, broken);
    const event = message('all');
    await router.routeInbound(event).catch(() => {});
    await h.clock.advance(MINUTE_MS);
    await router.routeInbound(event);
    await router.close();
    expect(await h.router.replayHeld()).toBe(1);
    expect([h.texts('a'), h.texts('b')]).toEqual([['all'], ['all']]);
  });

  it('is not tried for every message: a locked session would hold up its chat each time', async () => {
    const h = createHarness();
    two(h);
    const { router, tries } = withBroken(h, new Set(['a']), 'session-locked');
    await router.routeInbound(message('all 0')).catch(() => {});
    await h.clock.advance(MINUTE_MS);
    for (let n = 1; n < 4; n += 1) await router.routeInbound(message(`all ${n}`));
    expect(tries()).toBe(2);
    expect(h.held()).toBe(3);
    expect(h.texts('b')).toHaveLength(4);
  });

  it('holds up nothing that is held for another agent of the chat', async () => {
    const h = createHarness();
    h.register({ folder: 'a', trigger: '@one' });
    h.register({ folder: 'b', trigger: '@two' });
    const broken = new Set(['a', 'b']);
    const { router } = withBroken(h, broken);
    const [one, two] = [message('@one'), message('@two')];
    for (const event of [one, two]) await router.routeInbound(event).catch(() => {});
    await h.clock.advance(MINUTE_MS);
    for (const event of [one, two]) await router.routeInbound(event);
    broken.delete('b');
    await h.clock.advance(AGAIN_MS);
    await settle();
    expect(h.texts('b')).toEqual(['@two']);
    expect(h.held()).toBe(1);
  });

  it('keeps neither another chat nor the start of the host waiting for what is held for it', async () => {
    const h = createHarness();
    const other = { platformId: 'telegram:-2', mentioned: true };
    for (const [text, where] of [
      ['all', { mentioned: true }],
      ['all', other],
    ] as const) {
      await h.router.routeInbound(message(text, where));
    }
    h.register({ folder: 'a', trigger: 'all', replay: 'all' });
    h.register({ folder: 'b', trigger: 'all', replay: 'all', platformId: other.platformId });
    const router = createRouter({
      ...h.deps,
      sessionManager: {
        ...h.sessionManager,
        write: (id, change, options) =>
          h.sessions().find((session) => session.id === id)?.folder === 'a'
            ? new Promise(() => {})
            : h.sessionManager.write(id, change, options),
      },
    });
    let started = false;
    void router.replayHeldFor(10_000).then(() => {
      started = true;
    });
    await settle();
    expect([started, h.texts('b')]).toEqual([false, ['all']]);
    await h.clock.advance(10_000);
    expect(started).toBe(true);
  });

  it('is owed what it could not take in, whatever a registration of its chat says of waiting messages', async () => {
    const h = createHarness();
    two(h);
    const broken = new Set(['a']);
    const { router } = withBroken(h, broken);
    const first = message('all, one');
    await router.routeInbound(first).catch(() => {});
    await h.clock.advance(MINUTE_MS);
    await router.routeInbound(first);
    await router.routeInbound(message('all, two'));
    h.register({ folder: 'b', trigger: 'all', replay: 'none' });
    h.register({ folder: 'c', trigger: 'c', replay: 'last' });
    expect(h.held()).toBe(2);
    broken.clear();
    await h.clock.advance(AGAIN_MS);
    await settle();
    expect(h.texts('a')).toEqual(['all, one', 'all, two']);
  });

  it('is owed also what had waited for the chat before, once that was on its way to it', async () => {
    const h = createHarness();
    const broken = new Set(['a']);
    const { router } = withBroken(h, broken);
    await router.routeInbound(message('all', { mentioned: true }));
    h.register({ folder: 'a', trigger: 'all', replay: 'all' });
    await router.replayHeld();
    await h.clock.advance(MINUTE_MS);
    await settle();
    h.register({ folder: 'a', trigger: 'all', replay: 'none' });
    expect(h.held()).toBe(1);
    // Without any agent it waits for the next registration, which may say no.
    h.registration.unregister({ channelType: 'telegram', platformId: 'telegram:-1' });
    h.register({ folder: 'b', trigger: 'all', replay: 'none' });
    expect(h.held()).toBe(0);
  });

  it('is not given up where the whole host cannot write', async () => {
    const h = createHarness();
    two(h);
    const { router } = withBroken(h, new Set(['a']), 'disk-full');
    const event = message('all');
    for (let n = 0; n < 3; n += 1) {
      await expect(router.routeInbound(event)).rejects.toMatchObject({ code: 'intake-failed' });
      await h.clock.advance(MINUTE_MS);
    }
    h.db.pragma('query_only = ON');
    const readOnly = withBroken(h, new Set(['a', 'b']));
    await readOnly.router.routeInbound(message('all')).catch(() => {});
    await h.clock.advance(MINUTE_MS);
    await expect(readOnly.router.routeInbound(message('all'))).rejects.toThrow();
    expect(h.held()).toBe(0);
  });
});

it('gives up a command that fails for a minute, says so, and the chat goes on', async () => {
  const clock = createFakeClock();
  const h = createHarness({ clock, commands: { handle: () => Promise.reject(coded('session-locked')) } });
  h.register();
  const command = message('@Andy /status');
  await expect(h.router.routeInbound(command)).rejects.toMatchObject({ code: 'session-locked' });
  await clock.advance(MINUTE_MS);
  expect(await h.router.routeInbound(command)).toEqual({ kind: 'dropped', reason: 'session-stuck' });
  expect(h.said.map((one) => one.text)).toEqual([expect.stringContaining("couldn't do that")]);
});
