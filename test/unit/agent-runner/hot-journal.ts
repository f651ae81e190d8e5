import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * Leaves `file` as a writer leaves it that is killed in the middle of a commit: pages half written, and a journal that
 * must be rolled back. Made from copies of the files of a writer that is not killed; nobody else may have it open.
 */
export function makeJournalHot(file: string): void {
  const scratch = `${file}.scratch`;
  copyFileSync(file, scratch);
  const writer = new Database(scratch);
  writer.pragma('journal_mode = TRUNCATE');
  writer.pragma('cache_size = 1');
  writer.exec('BEGIN IMMEDIATE');
  const insert = writer.prepare(`INSERT INTO session_state (key, value, updated_at) VALUES (?, ?, 0)`);
  for (let i = 0; i < 200; i++) insert.run(`half ${i}`, 'x'.repeat(2_000));
  copyFileSync(scratch, file);
  copyFileSync(`${scratch}-journal`, `${file}-journal`);
  writer.exec('ROLLBACK');
  writer.close();
}
