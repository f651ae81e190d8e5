import type { Migration } from './types.js';

/** For whom a question is, and who is behind it (db/behind.ts); of older ones nobody wrote that down. */
export const whoMayAnswer: Migration = {
  name: '009-who-may-answer',
  sql: `
ALTER TABLE pending_questions ADD COLUMN asked_for TEXT NOT NULL DEFAULT 'asker'
  CHECK (asked_for IN ('owner', 'admin', 'asker', 'anyone'));
ALTER TABLE pending_questions ADD COLUMN behind TEXT NOT NULL DEFAULT '{}';
`,
};
