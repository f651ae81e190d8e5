import type { Migration } from './types.js';

/**
 * Messages that could not be taken in, through something in them. A row is made at the first failure, so that a restart
 * does not begin the count anew; `set_aside_at` is null while the message is still tried.
 */
export const setAsideMessages: Migration = {
  name: '011-set-aside',
  sql: `
CREATE TABLE set_aside (
  id                  TEXT PRIMARY KEY,
  channel_type        TEXT NOT NULL,
  platform_id         TEXT NOT NULL,
  platform_message_id TEXT NOT NULL,
  thread_id           TEXT NOT NULL,
  sender_id           TEXT,
  stranger            INTEGER NOT NULL CHECK (stranger IN (0,1)),
  stage               TEXT NOT NULL CHECK (stage IN ('packet','event')),
  packet              TEXT,
  reason              TEXT NOT NULL,
  failures            INTEGER NOT NULL,
  said_at             INTEGER,
  word                TEXT NOT NULL DEFAULT 'none' CHECK (word IN ('none','due','said')),
  created_at          INTEGER NOT NULL,
  set_aside_at        INTEGER,
  told_at             INTEGER,
  retry_at            INTEGER,
  discarded_at        INTEGER,
  UNIQUE (channel_type, platform_id, platform_message_id)
);
`,
};
