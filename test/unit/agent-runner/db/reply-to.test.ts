import { expect, it } from 'vitest';
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
