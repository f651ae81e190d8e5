import { expect, test } from 'vitest';
import { MISDATED } from '../../../src/db/inbound/ledger.js';
import { insertMessage, nextDueAt } from '../../../src/db/inbound/messages-in.js';
import { chat, inboundFile } from './inbound-file.js';

type Db = ReturnType<typeof inboundFile>;

const NOW = 100_000;

function delivery(
  db: Db,
  key: string,
  state: string,
  nextAttemptAt: number | null,
  { updatedAt = 1, errorClass = null }: { updatedAt?: number; errorClass?: string | null } = {},
) {
  db.prepare(
    `INSERT INTO delivered (key, part, seq, state, next_attempt_at, error_class, created_at, updated_at)
     VALUES (?, 0, 1, ?, ?, ?, 1, ?)`,
  ).run(key, state, nextAttemptAt, errorClass, updatedAt);
}

function notice(db: Db, id: string, createdAt: number) {
  db.prepare(
    "INSERT INTO notices (id, after_seq, channel_type, platform_id, text, created_at) VALUES (?, 0, 'c', 'p', 't', ?)",
  ).run(id, createdAt);
}

test('nothing to do is null', () => {
  const db = inboundFile();
  expect(nextDueAt(db, NOW)).toBeNull();
  insertMessage(db, chat('context', { trigger: 0 }));
  delivery(db, 'out:a', 'sent', null);
  delivery(db, 'out:b', 'unknown', null);
  delivery(db, 'out:c', 'dead', null);
  expect(nextDueAt(db, NOW)).toBeNull();
});

test('the earliest of messages, deliveries and notices', () => {
  const db = inboundFile();
  insertMessage(db, chat('later', { id: 'later', processAfter: 9000 }));
  expect(nextDueAt(db, NOW)).toBe(9000);
  delivery(db, 'out:a', 'failed', 8000);
  expect(nextDueAt(db, NOW)).toBe(8000);
  delivery(db, 'out:b', 'sending', 7000);
  expect(nextDueAt(db, NOW)).toBe(7000);
  delivery(db, 'out:c', 'unknown', 6000);
  expect(nextDueAt(db, NOW)).toBe(6000);
  notice(db, 'ntc_1', 5000);
  expect(nextDueAt(db, NOW)).toBe(5000);
  insertMessage(db, chat('now', { createdAt: 4000 }));
  expect(nextDueAt(db, NOW)).toBe(4000);
});

test('a notice that the ledger knows is due when the ledger says', () => {
  const db = inboundFile();
  notice(db, 'ntc_1', 5000);
  delivery(db, 'notice:ntc_1', 'failed', 50_000);
  expect(nextDueAt(db, NOW)).toBe(50_000);
  db.exec("UPDATE delivered SET next_attempt_at = NULL, state = 'sent'; UPDATE notices SET settled = 1");
  expect(nextDueAt(db, NOW)).toBeNull();
});

test.each(['done', 'failed', 'cancelled', 'paused'])('a message that is %s is not due', (status) => {
  const db = inboundFile();
  insertMessage(db, chat('m'));
  db.prepare('UPDATE messages_in SET status = ?').run(status);
  expect(nextDueAt(db, NOW)).toBeNull();
});

test('what a clock dated that has been set back since is due now', () => {
  const ahead = NOW + 3_600_000;
  const messages = inboundFile();
  insertMessage(messages, chat('m', { createdAt: ahead }));
  expect(nextDueAt(messages, NOW)).toBe(NOW);
  const notices = inboundFile();
  notice(notices, 'ntc_1', ahead);
  expect(nextDueAt(notices, NOW)).toBe(NOW);
  const waiting = inboundFile();
  delivery(waiting, 'out:a', 'failed', ahead + 60_000, { updatedAt: ahead, errorClass: 'transient' });
  expect(nextDueAt(waiting, NOW)).toBe(NOW);
  expect(nextDueAt(waiting, ahead)).toBe(ahead + 60_000);
});

test('a time that was asked for stands, whatever the clock told when it was', () => {
  const ahead = NOW + 3_600_000;
  const db = inboundFile();
  insertMessage(db, chat('task', { createdAt: ahead, processAfter: ahead + 900_000 }));
  delivery(db, 'out:later', 'failed', ahead + 600_000, { updatedAt: ahead });
  expect(nextDueAt(db, NOW)).toBe(ahead + 600_000);
});

test('what was misdated is found without the history of all that was said', () => {
  const plan = inboundFile()
    .prepare<{ now: number; future: number }, { detail: string }>(`EXPLAIN QUERY PLAN ${MISDATED}`)
    .all({ now: NOW, future: NOW });
  expect(plan[0]?.detail).toMatch(/^SEARCH delivered USING INDEX delivered_due/);
});
