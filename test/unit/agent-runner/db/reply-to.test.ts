import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLoop } from '../loop.js';
import { createSession } from '../session.js';

it('shows what a message answers by its number, only where it was said in that chat', async () => {
  const session = createSession();
  session.say('first', { platformMessageId: 'p1' });
  session.say('there', { platformMessageId: 'p2', chat: 'cli:other' });
  const run = await startLoop(session);
  await run.until(() => session.ack('in_2') === 'done');
  const delivered = session.inbound.prepare(
    `INSERT INTO delivered (key, part, seq, state, platform_message_id, created_at, updated_at) VALUES (?, 0, ?, 'sent', ?, 0, 0)`,
  );
  for (const [index, row] of session.out().entries()) delivered.run(`out:${row.id}`, row.seq, `mine${index}`);
  delivered.run('notice:x', 1, 'notice');
  for (const replyTo of ['p1', 'p2', 'mine0', 'mine1', 'notice', 'unknown'])
    session.say('!prompt', { content: { replyTo } });
  await run.until(() => session.ack('in_8') === 'done');
  const shown = String(session.texts().at(-1))
    .split('\n<message')
    .map((part) => /reply-to="(\d+)"/.exec(part)?.[1]);
  expect(shown.slice(0, 6)).toEqual(['2', undefined, '3', undefined, undefined, undefined]);
  await run.stop();
  session.remove();
});

describe('what a message answers that this conversation was never shown', () => {
  let session: ReturnType<typeof createSession>;
  let run: Awaited<ReturnType<typeof startLoop>>;
  beforeEach(async () => {
    session = createSession();
    run = await startLoop(session);
  });
  afterEach(async () => {
    await run.stop();
    session.remove();
  });

  /** What the agent reads of a message that answers this one. */
  async function promptOf(replyTo: string, quoted?: { text: string; partial?: boolean }): Promise<string> {
    const whole = quoted && { from: 'Bob', messageId: replyTo, partial: false, attachments: [], ...quoted };
    const id = session.say('!prompt', { content: { replyTo, ...(whole ? { quoted: whole } : {}) } });
    await run.until(() => session.ack(id) === 'done');
    return String(session.texts().at(-1));
  }
  async function begunAnew(): Promise<void> {
    const id = session.newConversation();
    await run.until(() => session.ack(id) === 'done');
  }
  async function heard(text: string, platformMessageId: string): Promise<void> {
    const id = session.say(text, { platformMessageId });
    await run.until(() => session.ack(id) === 'done');
  }

  it('is quoted where it was said before /new, and named by its number where it was not', async () => {
    await heard('buy <milk>', 'p1');
    expect(await promptOf('p1')).not.toContain('<quote');
    await begunAnew();
    expect(await promptOf('p1')).toContain('reply-to="2"><quote from="Ada">buy &lt;milk&gt;</quote>');
    await heard('and eggs', 'p2');
    expect(await promptOf('p2')).not.toContain('<quote');
  });

  it('is quoted where it was the agent that said it', async () => {
    await heard('hello', 'p1');
    const [own] = session.out();
    session.inbound
      .prepare(
        `INSERT INTO delivered (key, part, seq, state, platform_message_id, created_at, updated_at) VALUES (?, 0, ?, 'sent', 'mine', 0, 0)`,
      )
      .run(`out:${own?.id}`, own?.seq);
    expect(await promptOf('mine')).not.toContain('<quote');
    await begunAnew();
    expect(await promptOf('mine')).toContain(`<quote from="you">${String(session.texts()[0])}</quote>`);
  });

  it('is quoted where it fell out of the context, and not where it was shown in it', async () => {
    session.setStatus(session.say('fell out', { platformMessageId: 'p1', trigger: 0 }), 'failed');
    session.say('was shown', { platformMessageId: 'p2', trigger: 0 });
    await heard('now', 'p3');
    expect(await promptOf('p1')).toContain('<quote from="Ada">fell out</quote>');
    expect(await promptOf('p2')).not.toContain('<quote');
  });

  it('is quoted once where the platform has the words too, and is cut where it is long', async () => {
    await heard('x'.repeat(10_000), 'p1');
    expect(await promptOf('p1', { text: 'as the platform has it' })).not.toContain('<quote');
    await begunAnew();
    const quotes = (prompt: string) => [...prompt.matchAll(/<quote[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(quotes(await promptOf('p1', { text: 'as the platform has it' }))).toEqual([
      'as the platform has it',
    ]);
    expect(quotes(await promptOf('p1'))).toEqual([`${'x'.repeat(4000)} …`]);
  });
});
