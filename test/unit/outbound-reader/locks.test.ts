import { expect, test } from 'vitest';
import { spillInto, sqliteProcess } from '../../fakes/sqlite-process.js';
import { outboundFile, reader, rowsOf, say, writer } from './setup.js';

test('a locked file is busy, and read again once the lock is gone', async () => {
  const file = outboundFile();
  const holder = await sqliteProcess(file, "db.exec('BEGIN EXCLUSIVE')");
  const { ask } = reader();
  expect(await ask(file)).toEqual({ kind: 'busy' });
  await holder.kill();
  expect(await ask(file)).toMatchObject({ kind: 'rows' });
});

test('a hot journal asks for a recover container, and the held handle works after it', async () => {
  const file = outboundFile();
  const own = writer(file);
  say(own, 1);
  own.close();
  const { ask } = reader();
  expect(rowsOf(await ask(file))).toHaveLength(1);
  const insert = `INSERT INTO messages_out (id, seq, incarnation, turn_id, kind, content, created_at)
    VALUES (?, ?, 1, 't', 'chat', ?, 1)`;
  const runner = await sqliteProcess(
    file,
    `db.pragma('journal_mode = TRUNCATE'); ${spillInto(insert, { from: 3, step: 2 })}`,
  );
  await runner.kill();
  expect(await ask(file)).toEqual({ kind: 'recover' });
  expect(await ask(file)).toEqual({ kind: 'recover' });
  const recovering = writer(file);
  recovering.prepare('SELECT count(*) FROM messages_out').get();
  expect(rowsOf(await ask(file)).map((row) => row.seq)).toEqual([1]);
});
