import { describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { createRouter } from '../../../src/router.js';
import { edit, removal } from './changes.js';
import { createHarness, type Harness, message } from './harness.js';

const CHAT = { platformId: 'telegram:77', isGroup: false };
const direct = (text: string, changes: Partial<InboundEvent> = {}) => message(text, { ...CHAT, ...changes });
const MINUTE_MS = 60_000;

async function register(h: Harness): Promise<string[]> {
  h.register({ ...CHAT, replay: 'all' });
  await h.router.replayHeld();
  return h.texts('family');
}

describe('what becomes of a message while it waits for its chat to be registered', () => {
  it('has the words that its author gave it last', async () => {
    const h = createHarness();
    const said = direct('meet at 9', { attachments: [] });
    await h.router.routeInbound(said);
    await h.router.routeInbound(direct('bring tea'));
    expect(await h.router.routeInbound(edit(said, 'meet at 10'))).toEqual({ kind: 'held' });
    expect(await h.router.routeInbound(edit(said, 'meet at 11'))).toEqual({ kind: 'held' });
    expect(await register(h)).toEqual(['meet at 11', 'bring tea']);
    expect(h.held()).toBe(0);
  });

  it('is gone when it was deleted', async () => {
    const h = createHarness();
    const said = direct('a secret');
    await h.router.routeInbound(said);
    await h.router.routeInbound(direct('hello'));
    await h.router.routeInbound(removal(said));
    expect(await register(h)).toEqual(['hello']);
  });

  it('keeps its words where somebody else edits it, and where it is edited in another chat', async () => {
    const h = createHarness();
    const said = direct('mine');
    await h.router.routeInbound(said);
    await h.router.routeInbound(edit(said, 'theirs', { editedBy: 'telegram:666' }));
    await h.router.routeInbound(edit(said, 'theirs', { sender: { ...said.sender, id: 'telegram:666' } }));
    await h.router.routeInbound(edit(said, 'elsewhere', { platformId: 'telegram:78' }));
    expect(await register(h)).toEqual(['mine']);
  });

  it('is within the bounds of what waits', async () => {
    const h = createHarness();
    const said = direct('short');
    await h.router.routeInbound(said);
    await h.router.routeInbound(edit(said, 'x'.repeat(100_000)));
    const [text = ''] = await register(h);
    expect(text).toHaveLength(4_096);
  });

  it('is taken in as it is, also where the change comes while it is on its way', async () => {
    const h = createHarness();
    const [first, second] = [direct('one'), direct('two')];
    await h.router.routeInbound(first);
    await h.router.routeInbound(second);
    h.register({ ...CHAT, replay: 'all' });
    const replayed = h.router.replayHeld();
    await Promise.all([
      h.router.routeInbound(edit(first, 'one, again')),
      h.router.routeInbound(removal(second)),
      replayed,
    ]);
    expect(h.texts('family').at(-1)).toBe('one, again');
    expect(h.texts('family')).not.toContain('two');
  });
});

it('the parts of an album that waited are one turn', async () => {
  const h = createHarness();
  const album = 'album-1';
  await h.router.routeInbound(direct('our holiday', { album }));
  await h.router.routeInbound(direct('', { album }));
  await h.router.routeInbound(direct('the beach', { album }));
  await register(h);
  const rows = h.rows('family');
  expect(rows.map(({ content }) => content.text)).toEqual(['our holiday\n\nthe beach']);
  expect(rows[0]?.content.album?.parts).toHaveLength(3);
});

it('an edit that an agent cannot take in waits for it, behind the message', async () => {
  const h = createHarness();
  h.register({ ...CHAT, folder: 'a' });
  const said = direct('meet at 9');
  await h.router.routeInbound(said);
  let isStuck = true;
  const router = createRouter({
    ...h.deps,
    sessionManager: {
      ...h.sessionManager,
      write: async (...given) => {
        if (isStuck) throw Object.assign(new Error('stuck'), { code: 'session-unwritable' });
        return h.sessionManager.write(...given);
      },
    },
  });
  const edited = edit(said, 'meet at 10');
  await expect(router.routeInbound(edited)).rejects.toMatchObject({ code: 'intake-failed' });
  await h.clock.advance(MINUTE_MS);
  expect(await router.routeInbound(edited)).toEqual({ kind: 'held' });
  expect(await router.routeInbound(removal(direct('gone', { messageId: '9999' })))).toEqual({ kind: 'held' });
  isStuck = false;
  await router.close();
  await h.router.replayHeld();
  expect(h.texts('a')).toEqual(['meet at 10']);
  expect(h.held()).toBe(0);
});
