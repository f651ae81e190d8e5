import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createRouter } from '../../../src/router.js';
import { createHarness, direct, type Harness, message } from './harness.js';

const storedCursor = (h: Harness) =>
  h.db.prepare<[], string>('SELECT last_platform_message_id FROM messaging_groups').pluck().get();

/** Cursors are written together, a moment later. */
async function cursorOf(h: Harness) {
  await h.clock.advance(250);
  return storedCursor(h);
}

/** Three agents in one chat, all called by "all". */
function three(h: Harness) {
  for (const folder of ['a', 'b', 'c']) h.register({ folder, trigger: 'all' });
}

/** Lets the writes of these folders' sessions fail, as long as they are named. */
function failing(h: Harness, folders: Set<string>, error: Error): Harness['router'] {
  const folderOf = (id: string) => h.sessions().find((session) => session.id === id)?.folder ?? '';
  return createRouter({
    ...h.deps,
    sessionManager: {
      ...h.sessionManager,
      write: async (id, change, options) => {
        if (folders.has(folderOf(id))) throw error;
        return h.sessionManager.write(id, change, options);
      },
    },
  });
}

describe('fan-out', () => {
  it('tells when a message that wakes somebody came and was durable, once', async () => {
    const h = createHarness();
    h.register({ folder: 'a', trigger: 'all' });
    const event = message('hello all');
    const came = h.clock.now();
    await h.router.routeInbound(event);
    await h.router.routeInbound(event);
    expect(h.committed).toEqual([{ id: expect.stringMatching(/^in_/), received: came, committed: came }]);
  });

  it('goes on past a wiring that fails, is not acknowledged, and is completed by the redelivery', async () => {
    const h = createHarness();
    three(h);
    const broken = new Set(['b']);
    const router = failing(h, broken, Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    const event = message('hello all');
    await expect(router.routeInbound(event)).rejects.toMatchObject({ code: 'intake-failed' });
    expect([h.texts('a'), h.texts('b'), h.texts('c')]).toEqual([['hello all'], [], ['hello all']]);
    expect(h.said.map((one) => one.text)).toEqual([expect.stringContaining('out of disk space')]);
    broken.clear();
    expect(await router.routeInbound(event)).toMatchObject({ kind: 'routed' });
    expect([h.texts('a'), h.texts('b'), h.texts('c')]).toEqual([['hello all'], ['hello all'], ['hello all']]);
    expect(h.woken).toHaveLength(3);
  });

  it('tells the chat of the same trouble once an hour', async () => {
    const h = createHarness();
    three(h);
    const full = Object.assign(new Error('full'), { code: 'SQLITE_FULL' });
    const router = failing(h, new Set(['a']), full);
    for (let n = 0; n < 3; n += 1) await router.routeInbound(message('all')).catch(() => {});
    expect(h.said).toHaveLength(1);
    await h.clock.advance(3_600_000);
    await router.routeInbound(message('all')).catch(() => {});
    expect(h.said).toHaveLength(2);
  });

  it('says so and goes on where a session cannot be used any more', async () => {
    const h = createHarness();
    three(h);
    await h.router.routeInbound(message('all of you'));
    const session = h.sessionManager.get(h.sessions()[1]?.id ?? '');
    if (!session) throw new Error('no session');
    h.sessionManager.release(session.id);
    writeFileSync(h.sessionManager.paths(session).inboundDb, 'not a database');
    const event = message('all again');
    expect(await h.router.routeInbound(event)).toMatchObject({ kind: 'routed' });
    expect([h.texts('a').length, h.texts('c').length]).toEqual([2, 2]);
    expect(h.said.map((one) => one.text)).toEqual([expect.stringContaining("can't read")]);
    expect(h.said[0]?.text).not.toContain(h.home);
    expect(h.dropped()).toEqual([{ reason: 'session-corrupt', count: 1 }]);
    expect(await cursorOf(h)).toBe(event.messageId);
  });

  it('goes on past a wiring whose row is broken, and registering again cures it', async () => {
    const h = createHarness();
    three(h);
    h.db.exec(`UPDATE messaging_group_agents SET trigger_rules = '{"pattern":7}' WHERE rowid = 2`);
    await h.router.routeInbound(message('all of you'));
    expect([h.texts('a').length, h.texts('b').length, h.texts('c').length]).toEqual([1, 0, 1]);
    expect(h.said).toHaveLength(1);
    expect(h.register({ folder: 'b', trigger: 'all' }).status).toBe('created');
    await h.router.routeInbound(message('all of you'));
    expect(h.texts('b')).toHaveLength(1);
  });
});

describe('attachments', () => {
  const file = (name: string, bytes: string, opened: string[]) => ({
    name,
    mimeType: 'text/plain',
    size: bytes.length,
    open: async () => {
      opened.push(name);
      return Readable.from([Buffer.from(bytes)]);
    },
  });

  it('are kept for each session that is woken, opened once, and not again for a redelivery', async () => {
    const h = createHarness();
    three(h);
    h.register({ folder: 'silent', whenIgnored: 'context' });
    const opened: string[] = [];
    const event = message('all, see this', { attachments: [file('a.txt', 'abc', opened)] });
    await h.router.routeInbound(event);
    await createRouter(h.deps).routeInbound(event);
    expect(opened).toEqual(['a.txt']);
    for (const folder of ['a', 'b', 'c']) {
      expect(h.rows(folder)[0]?.content.attachments).toMatchObject([{ name: 'a.txt', size: 3 }]);
    }
    expect(h.rows('silent')[0]?.content.attachments).toEqual([]);
  });

  it('of chats that are not wired, or that call nobody, are not opened', async () => {
    const h = createHarness();
    const opened: string[] = [];
    const attachments = [file('a.txt', 'abc', opened)];
    await h.router.routeInbound(direct('look', { attachments }));
    h.register();
    await h.router.routeInbound(message('look', { attachments }));
    expect(opened).toEqual([]);
  });

  it('do not let a later message of the chat overtake, and hold up no other chat', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    h.register({ requiresTrigger: false, platformId: 'telegram:-2', folder: 'other' });
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      ...file('slow.txt', 'abc', []),
      open: async () => {
        await gate;
        return Readable.from([Buffer.from('abc')]);
      },
    };
    const first = h.router.routeInbound(message('first', { attachments: [slow] }));
    const second = h.router.routeInbound(message('second'));
    await h.router.routeInbound(message('other chat', { platformId: 'telegram:-2' }));
    expect(h.texts('family')).toEqual([]);
    release();
    await Promise.all([first, second]);
    expect(h.texts('family')).toEqual(['first', 'second']);
  });
});

describe('the gap-fill cursor', () => {
  it('is written once the database takes it again', async () => {
    const h = createHarness();
    h.register({ folder: 'a', trigger: 'all' });
    const event = message('all');
    await h.router.routeInbound(event);
    h.db.pragma('query_only = ON');
    expect(await cursorOf(h)).toBeNull();
    expect(h.lines.at(-1)).toMatchObject({ msg: 'cursors not stored, trying again' });
    h.db.pragma('query_only = OFF');
    expect(await cursorOf(h)).toBe(event.messageId);
  });

  it('is written for what came meanwhile together, and at the end at once', async () => {
    const h = createHarness();
    h.register({ folder: 'a', trigger: 'all' });
    const commits = () => h.db.prepare<[], number>('SELECT total_changes()').pluck().get() ?? 0;
    const [first, second, last] = [message('all'), message('all'), message('all')];
    await h.router.routeInbound(first);
    await h.router.routeInbound(second);
    expect(storedCursor(h)).toBeNull();
    const before = commits();
    expect(await cursorOf(h)).toBe(second.messageId);
    expect(commits() - before).toBe(1);
    expect(h.clock.pending()).toBe(0);
    await h.router.routeInbound(last);
    await h.router.close();
    expect(storedCursor(h)).toBe(last.messageId);
  });

  it('follows every message that was settled, also one that called nobody', async () => {
    const h = createHarness();
    h.register();
    const events = [message('@Andy one'), message('two')];
    for (const event of events) {
      await h.router.routeInbound(event);
      expect(await cursorOf(h)).toBe(event.messageId);
    }
    await h.router.routeInbound(message('an old one, late', { at: events[0]?.at ?? 0 }));
    expect(await cursorOf(h)).toBe(events[1]?.messageId);
  });

  it('never passes a message that failed, until that is taken in', async () => {
    const h = createHarness();
    three(h);
    const before = message('all');
    const broken = new Set<string>();
    const router = failing(h, broken, new Error('locked'));
    await router.routeInbound(before);
    broken.add('a');
    const failed = message('all, once more');
    await expect(router.routeInbound(failed)).rejects.toThrow();
    broken.clear();
    const after = message('all, and again');
    await router.routeInbound(after);
    expect(await cursorOf(h)).toBe(before.messageId);
    await router.routeInbound(failed);
    expect(await cursorOf(h)).toBe(after.messageId);
  });
});

describe('closing', () => {
  it('finishes what is on its way and refuses the rest, so that it is redelivered', async () => {
    const h = createHarness();
    h.register();
    const underWay = h.router.routeInbound(message('@Andy one'));
    const closed = h.router.close();
    await expect(h.router.routeInbound(message('@Andy two'))).rejects.toMatchObject({
      code: 'host-stopping',
    });
    await closed;
    expect((await underWay).kind).toBe('routed');
    expect(h.texts('family')).toEqual(['@Andy one']);
  });

  it('waits ten seconds at most for what does not come to an end, which is redelivered', async () => {
    const h = createHarness();
    h.register();
    const file = { name: 'a', mimeType: 'text/plain', size: 1, open: () => new Promise<Readable>(() => {}) };
    h.router.routeInbound(message('@Andy one', { attachments: [file] })).catch(() => {});
    let closed = false;
    void h.router.close().then(() => {
      closed = true;
    });
    await h.clock.advance(9000);
    expect(closed).toBe(false);
    await h.clock.advance(1000);
    expect(closed).toBe(true);
  });
});
