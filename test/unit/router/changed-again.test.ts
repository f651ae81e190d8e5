import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { createRouter } from '../../../src/router.js';
import { answered, directChat, edit, removal, seen } from './changes.js';
import { createHarness, direct, type Harness, message } from './harness.js';

describe('a message that was deleted before the agent was asked', () => {
  const back = (original: InboundEvent, text = original.text, changes: Partial<InboundEvent> = {}) =>
    edit(original, text, { restored: true, ...changes });

  it('is said again once its author brings it back, and can be deleted again', async () => {
    const h = directChat();
    const first = direct('the words');
    await h.router.routeInbound(first);
    await h.router.routeInbound(removal(first));
    expect(seen(h)).toMatchObject([{ status: 'cancelled' }]);
    const restored = back(first);
    await createRouter(h.deps).routeInbound(restored);
    await h.router.routeInbound(restored);
    expect(seen(h).slice(1)).toEqual([{ text: 'the words', change: null, trigger: 1, status: 'pending' }]);
    await h.router.routeInbound({ ...removal(first), messageId: 'deleted:again' });
    expect(seen(h).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    await h.router.routeInbound(back(first));
    expect(seen(h)[2]).toMatchObject({ text: 'the words', change: null, status: 'pending' });
  });

  it('stays gone for a late edit, and for anybody else', async () => {
    const h = directChat();
    const first = direct('the words');
    await h.router.routeInbound(first);
    await h.router.routeInbound(removal(first));
    await h.router.routeInbound(edit(first, first.text));
    const stranger = { ...first.sender, id: 'telegram:666' };
    await h.router.routeInbound(back(first, first.text, { sender: stranger }));
    await h.router.routeInbound(back(first, first.text, { editedBy: 'telegram:666' }));
    expect(seen(h)).toMatchObject([{ status: 'cancelled' }]);
  });

  it('is not said again where it was not deleted', async () => {
    const h = directChat();
    const first = direct('the words');
    await h.router.routeInbound(first);
    answered(h);
    await h.router.routeInbound(back(first));
    expect(seen(h)).toHaveLength(1);
  });
});

describe('a later part of an album', () => {
  const picture = (name: string) => ({
    name,
    mimeType: 'image/jpeg',
    size: 3,
    open: async () => Readable.from(['pic']),
  });
  const part = (text: string, name: string) =>
    message(text, { album: 'g7', attachments: [picture(name)], mentioned: true });

  async function album() {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    const [first, second] = [part('these', 'a.jpg'), part('the old words', 'b.jpg')];
    await h.router.routeInbound(first);
    await h.router.routeInbound(second);
    return { h, first, second };
  }
  const files = (h: Harness) =>
    h.rows('family')[0]?.content.attachments.map(({ name, caption }) => [name, caption]);

  it('gets its new words where nobody has begun to work on the album, also over a restart', async () => {
    const { h, second } = await album();
    await createRouter(h.deps).routeInbound(edit(second, 'the new words'));
    expect(seen(h)).toEqual([{ text: 'these', change: null, trigger: 1, status: 'pending' }]);
    expect(files(h)).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', 'the new words'],
    ]);
    expect(await h.router.routeInbound(edit(second, 'the new words'))).toMatchObject({ reason: 'unchanged' });
  });

  it('is told as a change of the album after the answer', async () => {
    const { h, first, second } = await album();
    answered(h);
    await h.router.routeInbound(edit(second, 'the new words'));
    const told = h.rows('family')[1]?.content;
    expect(told).toMatchObject({ text: 'the new words', change: { kind: 'edited', of: first.messageId } });
    expect(told?.problems).toEqual([
      'What was said with the file b.jpg has changed; the rest of the album stands.',
    ]);
    expect(await h.router.routeInbound(edit(second, 'the new words'))).toMatchObject({ reason: 'unchanged' });
  });

  it('goes alone when it is deleted', async () => {
    const { h, second } = await album();
    await h.router.routeInbound(removal(second));
    expect(seen(h)).toEqual([{ text: 'these', change: null, trigger: 1, status: 'pending' }]);
    expect(files(h)).toEqual([['a.jpg', undefined]]);
  });

  it('is told as gone after the answer, and wakes nobody', async () => {
    const { h, first, second } = await album();
    answered(h);
    await h.router.routeInbound(removal(second));
    expect(seen(h)[1]).toMatchObject({ change: 'deleted', trigger: 0 });
    expect(h.rows('family')[1]?.content.change?.of).toBe(first.messageId);
  });

  it('keeps its words when somebody else edits it', async () => {
    const { h, second } = await album();
    await h.router.routeInbound(edit(second, 'pay me', { editedBy: 'telegram:666' }));
    await h.router.routeInbound(
      edit(second, 'pay me, too', { sender: { ...second.sender, id: 'telegram:667' } }),
    );
    expect(files(h)).toEqual([
      ['a.jpg', undefined],
      ['b.jpg', 'the old words'],
    ]);
  });
});
