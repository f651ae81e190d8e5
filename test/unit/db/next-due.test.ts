import { expect, test } from 'vitest';
import { insertMessage, nextDueAt } from '../../../src/db/messages-in.js';
import { chat, inboundFile } from './inbound-file.js';

type Db = ReturnType<typeof inboundFile>;

function delivery(db: Db, key: string, state: string, nextAttemptAt: number | null) {
  db.prepare(
    `INSERT INTO delivered (key, part, seq, state, next_attempt_at, created_at, updated_at) VALUES (?, 0, 1, ?, ?, 1, 1)`,
  ).run(key, state, nextAttemptAt);
}

function notice(db: Db, id: string, createdAt: number) {
  db.prepare(
    "INSERT INTO notices (id, after_seq, channel_type, platform_id, text, created_at) VALUES (?, 0, 'c', 'p', 't', ?)",
  ).run(id, createdAt);
}

test('nothing to do is null', () => {
  const db = inboundFile();
  expect(nextDueAt(db)).toBeNull();
  insertMessage(db, chat('context', { trigger: 0 }));
  delivery(db, 'out:a', 'sent', null);
  delivery(db, 'out:b', 'unknown', null);
  delivery(db, 'out:c', 'dead', null);
  expect(nextDueAt(db)).toBeNull();
});

test('the earliest of messages, deliveries and notices', () => {
  const db = inboundFile();
  insertMessage(db, chat('later', { id: 'later', processAfter: 9000 }));
  expect(nextDueAt(db)).toBe(9000);
  delivery(db, 'out:a', 'failed', 8000);
  expect(nextDueAt(db)).toBe(8000);
  delivery(db, 'out:b', 'sending', 7000);
  expect(nextDueAt(db)).toBe(7000);
  delivery(db, 'out:c', 'unknown', 6000);
  expect(nextDueAt(db)).toBe(6000);
  notice(db, 'ntc_1', 5000);
  expect(nextDueAt(db)).toBe(5000);
  insertMessage(db, chat('now', { createdAt: 4000 }));
  expect(nextDueAt(db)).toBe(4000);
});

test('a notice that the ledger knows is due when the ledger says', () => {
  const db = inboundFile();
  notice(db, 'ntc_1', 5000);
  delivery(db, 'notice:ntc_1', 'failed', 50_000);
  expect(nextDueAt(db)).toBe(50_000);
  db.exec("UPDATE delivered SET next_attempt_at = NULL, state = 'sent'; UPDATE notices SET settled = 1");
  expect(nextDueAt(db)).toBeNull();
});

test.each(['done', 'failed', 'cancelled', 'paused'])('a message that is %s is not due', (status) => {
  const db = inboundFile();
  insertMessage(db, chat('m'));
  db.prepare('UPDATE messages_in SET status = ?').run(status);
  expect(nextDueAt(db)).toBeNull();
});
