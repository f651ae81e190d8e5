import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

const statements = perHandle((db) => ({
  get: db.prepare<[string], { tries: number }>('SELECT tries FROM sessions WHERE id = ?'),
  set: db.prepare<[number, string, number]>('UPDATE sessions SET tries = ? WHERE id = ? AND tries <> ?'),
}));

/** Exits in a row that left the session's oldest open message unanswered (docs/reliability.md#a-try-is-counted). */
export function triesOf(db: CentralDb, sessionId: string): number {
  return statements(db).get.get(sessionId)?.tries ?? 0;
}

export function setTries(db: CentralDb, sessionId: string, tries: number): void {
  statements(db).set.run(tries, sessionId, tries);
}
