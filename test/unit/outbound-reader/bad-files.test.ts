import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test } from 'vitest';
import { outboundFile, rowsOf, say, sharedReader, writer } from './setup.js';

const change = (file: string, sql: string) => {
  const db = new Database(file);
  db.unsafeMode();
  db.pragma('writable_schema = ON');
  db.exec(sql);
  db.close();
};

const cases: [string, string, (file: string) => void][] = [
  ['a missing file', 'outbound-missing', (file) => rmSync(file)],
  ['a FIFO in its place', 'outbound-not-file', (file) => inPlace(file, () => execFileSync('mkfifo', [file]))],
  ['a folder in its place', 'outbound-not-file', (file) => inPlace(file, () => mkdirSync(file))],
  ['a link in its place', 'outbound-not-file', (file) => inPlace(file, (real) => symlinkSync(real, file))],
  ['a second name', 'outbound-links', (file) => linkSync(file, join(dirname(file), 'other'))],
  ['2 GB of nothing', 'outbound-size', (file) => truncateSync(file, 2 ** 31)],
  ['an empty file', 'outbound-header', (file) => truncateSync(file, 0)],
  ['a text', 'outbound-header', (file) => writeFileSync(file, 'hello '.repeat(1000))],
  ['a WAL header', 'outbound-header', (file) => change(file, 'PRAGMA journal_mode = WAL')],
  ['a WAL', 'outbound-wal', (file) => writeFileSync(`${file}-wal`, '')],
  ['a shared memory file', 'outbound-wal', (file) => writeFileSync(`${file}-shm`, '')],
  [
    'a FIFO as journal',
    'outbound-journal',
    (file) => asJournal(file, (name) => execFileSync('mkfifo', [name])),
  ],
  [
    'a link as journal',
    'outbound-journal',
    (file) => asJournal(file, (name) => symlinkSync('/etc/passwd', name)),
  ],
  ['half a file', 'outbound-corrupt', (file) => truncateSync(file, 8192)],
  ['one table more', 'outbound-schema', (file) => change(file, 'CREATE TABLE t (a)')],
  ['a trigger', 'outbound-schema', (file) => change(file, TRIGGER)],
  ['a view', 'outbound-schema', (file) => change(file, `DROP TABLE messages_out; ${ENDLESS_VIEW}`)],
  ['a generated column', 'outbound-schema', (file) => change(file, GENERATED)],
];
const TRIGGER = 'CREATE TRIGGER t AFTER INSERT ON messages_out BEGIN SELECT 1; END';
const ENDLESS_VIEW = `CREATE VIEW messages_out AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 2 FROM n)
  SELECT seq FROM n`;
const GENERATED = 'ALTER TABLE messages_out ADD COLUMN big AS (zeroblob(500000000))';

function inPlace(file: string, make: (moved: string) => void): void {
  renameSync(file, `${file}.real`);
  make(`${file}.real`);
}

function asJournal(file: string, make: (name: string) => void): void {
  rmSync(`${file}-journal`, { force: true });
  make(`${file}-journal`);
}

const { ask, client } = sharedReader();
afterAll(() => client.close());

test.each(cases)('%s is bad: %s', async (_name, code, spoil) => {
  const good = outboundFile();
  const file = outboundFile(dirname(good), 'hostile.db');
  await ask(good);
  const pid = client.pid();
  spoil(file);
  expect(await ask(file)).toMatchObject({ kind: 'bad', code });
  expect(await ask(good)).toMatchObject({ kind: 'rows' });
  expect(client.pid()).toBe(pid);
});

test.each(cases)('%s under a held handle is bad: %s', async (_name, code, spoil) => {
  const file = outboundFile();
  expect(await ask(file)).toMatchObject({ kind: 'rows' });
  spoil(file);
  expect(await ask(file)).toMatchObject({ kind: 'bad', code });
});

test('a file that was put in its place under a held handle is the one that is read', async () => {
  const file = outboundFile();
  expect(rowsOf(await ask(file))).toEqual([]);
  const other = outboundFile(dirname(file), 'other.db');
  say(writer(other), 1);
  copyFileSync(other, `${file}.new`);
  renameSync(`${file}.new`, file);
  expect(rowsOf(await ask(file)).map((row) => row.seq)).toEqual([1]);
});
