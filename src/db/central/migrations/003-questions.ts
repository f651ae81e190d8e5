import type { Migration } from './types.js';

/** Nothing wrote the first form of this table. A question stands in one chat and belongs to one message of a session. */
export const questions: Migration = {
  name: '003-questions',
  sql: `
DROP TABLE pending_questions;
CREATE TABLE pending_questions (
  session_id   TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  message_key  TEXT NOT NULL,
  question_id  TEXT NOT NULL,
  channel_type TEXT NOT NULL,
  platform_id  TEXT NOT NULL,
  thread_id    TEXT NOT NULL,
  question     TEXT NOT NULL,
  options      TEXT NOT NULL,
  timed        INTEGER NOT NULL CHECK (timed IN (0,1)),
  state        TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open','answered','expired')),
  outcome      TEXT NOT NULL DEFAULT '',
  expires_at   INTEGER NOT NULL,
  closed_at    INTEGER,
  created_at   INTEGER NOT NULL,
  PRIMARY KEY (session_id, message_key)
);
CREATE INDEX pending_questions_of_chat ON pending_questions (channel_type, platform_id, created_at);
CREATE INDEX pending_questions_open ON pending_questions (expires_at) WHERE state = 'open';
CREATE INDEX pending_questions_closed ON pending_questions (closed_at) WHERE closed_at IS NOT NULL;
`,
};
