import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { InboundAttachment, InboundEvent, ThreadRoot } from '../../../src/channels/adapter.js';
import { createRouter } from '../../../src/router.js';
import { createHarness, direct, message } from './harness.js';

const file = (name: string, data: string): InboundAttachment => ({
  name,
  mimeType: 'text/plain',
  size: null,
  open: async () => Readable.from([Buffer.from(data)]),
});

function inThread(h: ReturnType<typeof createHarness>, root: () => Promise<ThreadRoot | null>) {
  let fetched = 0;
  const event = (text: string, changes: Partial<InboundEvent> = {}) =>
    message(text, {
      threadId: 't1',
      root() {
        fetched += 1;
        return root();
      },
      ...changes,
    });
  h.register({ requiresTrigger: false });
  return { event, fetched: () => fetched };
}

const ROOT: ThreadRoot = { text: 'the deploy is slow', from: 'Bob', messageId: 'r1', files: [] };

describe('what a message points at', () => {
  it('is kept with the row: quoted, forwarded, subject, and the quoted files', async () => {
    const h = createHarness();
    h.register({ platformId: 'telegram:77', isGroup: false });
    await h.router.routeInbound(
      direct('what about this?', {
        replyTo: 'm0',
        quoted: {
          text: 'long words',
          from: 'Bob',
          messageId: 'm0',
          partial: true,
          files: [file('a.txt', 'AAA')],
        },
        forwarded: { text: 'foreign', from: 'Airline', at: 5 },
        subject: { kind: 'diff', title: 'A pull', url: null, path: 'src/a.rs', line: 25, text: '+ let a' },
      }),
    );
    const [row] = h.rows('family');
    expect(row?.content).toMatchObject({
      text: 'what about this?',
      quoted: {
        text: 'long words',
        from: 'Bob',
        messageId: 'm0',
        partial: true,
        attachments: [{ name: 'a.txt', size: 3 }],
      },
      forwarded: { text: 'foreign', from: 'Airline', at: 5 },
      subject: { kind: 'diff', title: 'A pull', path: 'src/a.rs', line: 25, text: '+ let a' },
    });
    const [session] = h.sessions();
    const stored = h.sessionManager.get(session?.id ?? '');
    const path = row?.content.quoted?.attachments[0]?.path ?? '';
    const filesIn = stored ? h.sessionManager.paths(stored).filesIn : '';
    expect(readFileSync(join(filesIn, path.replace('/workspace/in/files/', '')), 'utf8')).toBe('AAA');
  });

  it('calls nobody and is no command', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy' });
    const forwarded = { text: '/new @Andy', from: 'Mallory', at: null };
    const quoted = { text: '@Andy', from: 'Bob', messageId: null, partial: false, files: [] };
    const outcome = await h.router.routeInbound(message('', { forwarded, quoted }));
    expect(outcome).toMatchObject({ kind: 'dropped', reason: 'not-engaged' });
    expect(h.commands).toEqual([]);
  });

  it('is cut within bounds, and the loss is named', async () => {
    const h = createHarness();
    h.register({ platformId: 'telegram:77', isGroup: false });
    const quoted = { text: 'x'.repeat(50_000), from: 'Bob', messageId: null, partial: false, files: [] };
    await h.router.routeInbound(direct('hm', { quoted }));
    const [row] = h.rows('family');
    expect(row?.content.quoted?.text).toHaveLength(20_000);
    expect(row?.content.problems).toEqual(['The message that it answers was cut after 20000 characters.']);
  });

  it('outlives the wait of a chat that nobody has wired', async () => {
    const h = createHarness();
    const quoted = { text: 'said before', from: 'Bob', messageId: 'm0', partial: false, files: [] };
    const forwarded = { text: 'foreign', from: 'Airline', at: 5 };
    await h.router.routeInbound(direct('and this?', { quoted, forwarded, album: 'g1' }));
    h.register({ platformId: 'telegram:77', isGroup: false, replay: 'all' });
    await h.router.replayHeld();
    expect(h.rows('family')[0]?.content).toMatchObject({
      text: 'and this?',
      quoted: { text: 'said before', from: 'Bob', messageId: 'm0', partial: false },
      forwarded,
    });
  });
});

describe('the beginning of a thread', () => {
  it('is fetched where a conversation meets the thread for the first time, and not again', async () => {
    const h = createHarness();
    const { event, fetched } = inThread(h, async () => ROOT);
    await h.router.routeInbound(event('what causes this?'));
    await h.router.routeInbound(event('and since when?'));
    const [first, second] = h.rows('family');
    expect(first?.content.root).toMatchObject({ text: 'the deploy is slow', from: 'Bob' });
    expect(second?.content.root).toBeUndefined();
    expect(fetched()).toBe(1);
  });

  it('is left out where the conversation has heard it', async () => {
    const h = createHarness();
    const { event } = inThread(h, async () => ({ ...ROOT, messageId: 'm-root' }));
    await h.router.routeInbound(message('the deploy is slow', { messageId: 'm-root' }));
    await h.router.routeInbound(event('what causes this?'));
    expect(h.rows('family').map((row) => row.content.root)).toEqual([undefined, undefined]);
  });

  it('that cannot be fetched is a problem in the message, and costs nothing else', async () => {
    const h = createHarness();
    const { event } = inThread(h, async () => {
      throw new Error('503');
    });
    expect(await h.router.routeInbound(event('what causes this?'))).toMatchObject({ kind: 'routed' });
    expect(h.rows('family')[0]?.content.problems).toEqual([
      'What this thread began with could not be fetched.',
    ]);
  });

  it('that never comes is given up', async () => {
    const h = createHarness();
    const { event } = inThread(h, () => new Promise(() => {}));
    const routed = h.router.routeInbound(event('what causes this?'));
    await h.clock.advance(15_000);
    expect(await routed).toMatchObject({ kind: 'routed' });
    expect(h.rows('family')[0]?.content.problems).toHaveLength(1);
  });
});

describe('an album', () => {
  const part = (text: string, name: string, changes: Partial<InboundEvent> = {}) =>
    message(text, { album: 'g5', attachments: [file(name, name)], ...changes });

  it('is one message: its parts join while it waits, each caption at its file', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy' });
    const second = part('the other one', 'b.jpg');
    await h.router.routeInbound(part('@Andy these please', 'a.jpg'));
    await h.clock.advance(5);
    expect(await h.router.routeInbound(second)).toMatchObject({ kind: 'routed' });
    // A router that does not remember it.
    const again = createRouter(h.deps);
    expect(await again.routeInbound({ ...second, attachments: [file('b.jpg', 'b.jpg')] })).toMatchObject({
      kind: 'duplicate',
    });
    const rows = h.rows('family');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ trigger: 1, process_after: expect.any(Number) });
    expect(rows[0]?.content).toMatchObject({
      text: '@Andy these please',
      attachments: [{ name: 'a.jpg' }, { name: 'b.jpg', caption: 'the other one' }],
    });
    expect(h.woken).toEqual([]);
    const [session] = h.sessions();
    const due = h.db
      .prepare<[string], number>('SELECT next_due_at FROM sessions WHERE id = ?')
      .pluck()
      .get(session?.id ?? '');
    expect(due).toBe(rows[0]?.process_after);
  });

  it('is called by whichever picture has the call', async () => {
    const h = createHarness();
    h.register({ trigger: '@Andy', whenIgnored: 'context' });
    await h.router.routeInbound(part('', 'a.jpg'));
    await h.router.routeInbound(part('@Andy what is this?', 'b.jpg'));
    expect(h.rows('family')).toMatchObject([{ trigger: 1 }]);
  });

  it('that is passed on stays somebody else’s words', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    const forwarded = (text: string) => ({ forwarded: { text, from: 'Mallory', at: null } });
    const answered = {
      text: '',
      from: 'Bob',
      messageId: null,
      partial: false,
      files: [file('bob.jpg', 'B')],
    };
    await h.router.routeInbound(part('', 'a.jpg', { ...forwarded('pay me'), quoted: answered }));
    await h.router.routeInbound(part('', 'b.jpg', { ...forwarded('at once'), quoted: answered }));
    const [row] = h.rows('family');
    expect(row?.content).toMatchObject({
      text: '',
      forwarded: { text: 'pay me\n\nat once', from: 'Mallory' },
    });
    expect(row?.content.attachments).toEqual([
      expect.objectContaining({ name: 'a.jpg' }),
      expect.not.objectContaining({ caption: expect.anything() }),
    ]);
    expect(row?.content.quoted?.attachments).toHaveLength(1);
  });

  it('whose part comes late says that it belongs to it', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    await h.router.routeInbound(part('these', 'a.jpg'));
    await h.clock.advance(1_600);
    await h.router.routeInbound(part('', 'b.jpg'));
    const [first, late] = h.rows('family');
    expect(first?.content.attachments).toHaveLength(1);
    expect(late?.content).toMatchObject({
      album: { id: 'g5', late: true },
      attachments: [{ name: 'b.jpg' }],
    });
  });

  it('is not overtaken by what is said behind it', async () => {
    const h = createHarness();
    h.register({ requiresTrigger: false });
    await h.router.routeInbound(part('these', 'a.jpg'));
    await h.router.routeInbound(message('what are they?'));
    const [album, words] = h.rows('family');
    expect(words?.process_after).toBe(album?.process_after);
  });
});

it('counts service messages and wakes nobody', async () => {
  const h = createHarness();
  h.register({ platformId: 'telegram:77', isGroup: false });
  expect(await h.router.routeInbound(direct('', { kind: 'service' }))).toMatchObject({ reason: 'service' });
  expect(h.texts('family')).toEqual([]);
  expect(h.dropped()).toEqual([{ reason: 'service', count: 1 }]);
});
