import { expect, test } from 'vitest';
import { outboundFile, reader, rowsOf, say, writer } from './setup.js';

test('reads rows and acks after the cursors, each of one moment', async () => {
  const file = outboundFile();
  const db = writer(file);
  say(db, 1);
  say(db, 3, JSON.stringify({ operation: 'edit', messageId: 1, text: 'better' }));
  const ack = db.prepare(
    'INSERT OR REPLACE INTO processing_ack (message_id, status, incarnation, changed_at) VALUES (?, ?, 2, 1)',
  );
  ack.run('in_a', 'processing');
  ack.run('in_b', 'processing');
  ack.run('in_a', 'done');
  const { ask } = reader();
  const all = await ask(file);
  expect(all).toEqual({
    kind: 'rows',
    rows: [
      {
        ...{ seq: 1, id: 'out_1', incarnation: 1, turnId: 't1', inReplyTo: null, kind: 'chat' },
        ...{ deliverAfter: null, channelType: 'cli', platformId: 'cli:local', threadId: '' },
        ...{ content: { text: '1', files: [] }, problem: null, createdAt: 1000 },
      },
      expect.objectContaining({ seq: 3, content: { operation: 'edit', messageId: 1, text: 'better' } }),
    ],
    acks: [
      { n: 2, messageId: 'in_b', status: 'processing', incarnation: 2 },
      { n: 3, messageId: 'in_a', status: 'done', incarnation: 2 },
    ],
    more: false,
  });
  expect(await ask(file, 3, 3)).toEqual({ kind: 'rows', rows: [], acks: [], more: false });
  say(db, 5);
  expect(rowsOf(await ask(file, 3, 3)).map((row) => row.seq)).toEqual([5]);
});

test('pages by number and by size', async () => {
  const file = outboundFile();
  const db = writer(file);
  db.transaction(() => {
    for (let seq = 1; seq < 301; seq += 2) say(db, seq);
  })();
  const { ask } = reader();
  const first = await ask(file);
  expect(first).toMatchObject({ more: true });
  expect(rowsOf(first)).toHaveLength(100);
  const second = await ask(file, 199);
  expect(second).toMatchObject({ more: false });
  expect(rowsOf(second)).toHaveLength(50);
  say(db, 301, JSON.stringify({ text: 'x'.repeat(900_000) }));
  say(db, 303, JSON.stringify({ text: 'y'.repeat(900_000) }));
  say(db, 305);
  const large = await ask(file, 299);
  expect(rowsOf(large).map((row) => row.seq)).toEqual([301, 303]);
  expect(large).toMatchObject({ more: true });
});

test('a row that is not acceptable is given with its problem, and the rows after it too', async () => {
  const file = outboundFile();
  const db = writer(file);
  db.pragma('ignore_check_constraints = ON');
  say(db, 1, Buffer.from('{"text":"bytes"}'));
  say(db, 3, JSON.stringify({ text: 'x'.repeat(1_000_001) }));
  say(db, 4);
  say(db, 5, '{"text":');
  say(db, 7, JSON.stringify({ operation: 'format-disk' }));
  say(db, 9, '['.repeat(5000));
  db.exec(`INSERT INTO messages_out SELECT 11, 'a b', 'x', turn_id, NULL, 'spell', 'late', 7, 8, 9, content, 'now'
           FROM messages_out WHERE seq = 4`);
  say(db, 13);
  const rows = rowsOf(await reader().ask(file));
  expect(rows.map((row) => [row.seq, row.content === null, row.problem !== null])).toEqual([
    ...[1, 3, 4, 5, 7, 9, 11].map((seq) => [seq, true, true]),
    [13, false, false],
  ]);
  expect(rows.map((row) => row.problem)).toMatchObject([
    'content is missing, not text, or over 1 MB',
    'content is missing, not text, or over 1 MB',
    expect.stringContaining('seq is even'),
    'content is not JSON',
    expect.stringContaining('content'),
    'content is nested too deeply',
    expect.stringContaining('id is not an id'),
    null,
  ]);
  expect(rows[6]).toMatchObject({ id: 'refused-11', kind: 'chat', incarnation: 0, deliverAfter: null });
});

test('forged acks and numbers beyond exact integers spoil the file, not the host', async () => {
  const file = outboundFile();
  const db = writer(file);
  db.pragma('ignore_check_constraints = ON');
  db.exec(
    "INSERT INTO processing_ack (message_id, status, incarnation, changed_at) VALUES ('in_a', 'paid', 1, 1)",
  );
  const { ask } = reader();
  expect(await ask(file)).toMatchObject({ kind: 'bad', code: 'outbound-corrupt' });
  db.exec('DELETE FROM processing_ack');
  expect(await ask(file)).toMatchObject({ kind: 'rows' });
  say(db, 2n ** 62n + 1n);
  expect(await ask(file)).toMatchObject({ kind: 'bad', code: 'outbound-schema' });
});

test('a process that the system refuses to start is no fault of a file, and is tried again', async () => {
  const file = outboundFile();
  // As spawn does where there is no memory for a fork: it throws at once.
  const { ask } = reader({ sessionsDir: 'no\0folder' });
  expect(await ask(file)).toEqual({ kind: 'away' });
  expect(await ask(file)).toEqual({ kind: 'away' });
});
