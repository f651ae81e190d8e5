import { describe, expect, it } from 'vitest';
import { answered, directChat, edit, goesToWork, removal, seen } from './changes.js';
import { bot, createHarness, direct, message } from './harness.js';

describe('an edit', () => {
  it('replaces words that nobody has begun to work on', async () => {
    const h = directChat();
    const first = direct('the old words');
    await h.router.routeInbound(first);
    await h.router.routeInbound(edit(first, 'the new words'));
    expect(seen(h)).toEqual([{ text: 'the new words', change: null, trigger: 1, status: 'pending' }]);
  });

  it('is told beside them while a container works, and wakes in a direct chat for the newest message only', async () => {
    const h = directChat();
    const [first, second] = [direct('one'), direct('two')];
    await h.router.routeInbound(first);
    await h.router.routeInbound(second);
    goesToWork(h);
    await h.router.routeInbound(edit(second, 'two, better'));
    await h.router.routeInbound(edit(first, 'one, better'));
    expect(seen(h).slice(2)).toEqual([
      { text: 'two, better', change: 'edited', trigger: 1, status: 'pending' },
      { text: 'one, better', change: 'edited', trigger: 0, status: 'pending' },
    ]);
    expect(h.rows('family')[2]?.content.change?.of).toBe(second.messageId);
  });

  it('is told after the answer', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    answered(h);
    await h.router.routeInbound(edit(first, 'one, better'));
    expect(seen(h)[1]).toEqual({ text: 'one, better', change: 'edited', trigger: 1, status: 'pending' });
  });

  it('is none where no word has changed, also not since the last edit', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    goesToWork(h);
    expect(await h.router.routeInbound(edit(first, 'one'))).toMatchObject({ reason: 'unchanged' });
    await h.router.routeInbound(edit(first, 'two'));
    expect(await h.router.routeInbound(edit(first, 'two'))).toMatchObject({ reason: 'unchanged' });
    expect(await h.router.routeInbound(edit(first, 'one'))).toMatchObject({ kind: 'routed' });
    expect(h.texts('family')).toEqual(['one', 'two', 'one']);
  });

  it('told twice counts once', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    goesToWork(h);
    const changed = edit(first, 'two');
    await h.router.routeInbound(changed);
    expect(await h.router.routeInbound(changed)).toMatchObject({ kind: 'duplicate' });
    expect(h.texts('family')).toEqual(['one', 'two']);
  });

  it('wakes in a group where it calls and the words of before did not', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', whenIgnored: 'context' });
    const [quiet, called] = [message('hello'), message('@Andy hello')];
    await h.router.routeInbound(quiet);
    await h.router.routeInbound(called);
    goesToWork(h);
    await h.router.routeInbound(edit(quiet, 'hello all'));
    await h.router.routeInbound(edit(called, '@Andy hello all'));
    await h.router.routeInbound(edit(quiet, '@Andy hello you'));
    expect(
      seen(h)
        .slice(2)
        .map(({ trigger }) => trigger),
    ).toEqual([0, 0, 1]);
  });

  it('that calls is a message for an agent that never heard the words of before', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy' });
    const first = message('hello');
    expect(await h.router.routeInbound(first)).toMatchObject({ reason: 'not-engaged' });
    expect(await h.router.routeInbound(edit(first, 'hello all'))).toMatchObject({ reason: 'unchanged' });
    await h.router.routeInbound(edit(first, '@Andy hello'));
    expect(h.rows('family')).toMatchObject([
      { trigger: 1, platform_message_id: first.messageId, content: { text: '@Andy hello' } },
    ]);
  });

  it('of somebody else stands under the name of who edited', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false, unknownSenders: 'open' });
    const first = message('the words of Ada');
    await h.router.routeInbound(first);
    await h.router.routeInbound(edit(first, '@Andy the words of Eve', { editedBy: 'telegram:666' }));
    expect(h.rows('family')).toMatchObject([
      { sender: { id: 'telegram:77' }, content: { text: 'the words of Ada' } },
      {
        trigger: 0,
        sender: { id: 'telegram:666', role: 'guest' },
        content: { text: '@Andy the words of Eve', change: { kind: 'edited' } },
      },
    ]);
    const unheard = message('never heard', { sender: { ...first.sender, id: 'telegram:78' } });
    const other = createHarness();
    other.register({ trigger: '@Andy' });
    await other.router.routeInbound(edit(unheard, '@Andy do it', { editedBy: 'telegram:666' }));
    expect(other.rows('family')).toEqual([]);
  });

  it('calls once, however often the words change', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', whenIgnored: 'context' });
    const first = message('hello');
    await h.router.routeInbound(first);
    goesToWork(h);
    for (const text of ['@Andy a', '@Andy b', '@Andy c']) await h.router.routeInbound(edit(first, text));
    expect(seen(h).map(({ trigger }) => trigger)).toEqual([0, 1, 0, 0]);
  });

  it('of a bot counts among its turns', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', whenIgnored: 'context', bots: true, unknownSenders: 'open' });
    for (let turn = 0; turn < 10; turn += 1) {
      const said = message('hello', { sender: bot() });
      await h.router.routeInbound(said);
      h.up.add(h.sessions()[0]?.id ?? '');
      await h.router.routeInbound(edit(said, '@Andy hello'));
    }
    expect(seen(h).filter(({ trigger }) => trigger === 1)).toHaveLength(6);
  });

  it('begins no conversation, and neither does a deletion', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', sessionMode: 'per-thread' });
    for (const threadId of ['t1', 't2']) {
      const said = message('hello', { threadId });
      await h.router.routeInbound(edit(said, 'hello all'));
      await h.router.routeInbound(removal(said));
    }
    expect(h.sessions()).toEqual([]);
  });

  it('wakes in a direct chat also where a reaction came after the message', async () => {
    const h = directChat();
    const first = direct('at five');
    await h.router.routeInbound(first);
    goesToWork(h);
    await h.router.routeInbound(direct('👍', { kind: 'reaction', replyTo: 'x', messageId: 'reaction:x' }));
    await h.router.routeInbound(edit(first, 'at six'));
    expect(seen(h).at(-1)).toMatchObject({ text: 'at six', trigger: 1 });
  });

  it('is no command and no answer', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    await h.router.routeInbound(edit(first, '/stop'));
    expect(h.commands).toEqual([]);
  });
});

describe('a deletion', () => {
  it('cancels what still waits', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    await h.router.routeInbound(removal(first));
    expect(seen(h)).toMatchObject([{ text: 'one', status: 'cancelled' }]);
  });

  it('cancels the edits that wait, too', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', whenIgnored: 'context' });
    const first = message('hello');
    await h.router.routeInbound(first);
    await h.router.routeInbound(edit(first, '@Andy do it'));
    await h.router.routeInbound(removal(first));
    expect(seen(h).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });

  it('is told of what was answered, and never wakes', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    answered(h);
    h.woken.length = 0;
    await h.router.routeInbound(removal(first));
    expect(seen(h)[1]).toEqual({ text: '', change: 'deleted', trigger: 0, status: 'pending' });
    expect(h.woken).toEqual([]);
  });

  it('counts whoever it is told of: not all platforms say', async () => {
    const h = directChat();
    const first = direct('one');
    await h.router.routeInbound(first);
    const nobody = { id: 'telegram:', name: '', isBot: false, self: false };
    await h.router.routeInbound({ ...removal(first), sender: nobody });
    expect(seen(h)).toMatchObject([{ text: 'one', status: 'cancelled' }]);
    expect(h.said).toEqual([]);
  });

  it('of a message that nobody heard is counted', async () => {
    const h = directChat();
    expect(await h.router.routeInbound(removal(direct('never')))).toMatchObject({ reason: 'unchanged' });
    expect(h.rows('family')).toEqual([]);
  });
});
