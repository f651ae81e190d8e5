import type { Migration } from './types.js';

/**
 * What an operator asks of any session's files, not of its deliveries alone. `delivery_requests` stays as it is: a host of
 * yesterday that still runs may look into it.
 */
export const sessionRequests: Migration = {
  name: '008-session-requests',
  sql: `
CREATE TABLE session_requests (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  subject    TEXT NOT NULL,
  action     TEXT NOT NULL,
  outcome    TEXT CHECK (outcome IN ('done','nothing','refused','failed')),
  said       TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL
);
CREATE INDEX session_requests_open ON session_requests (id) WHERE outcome IS NULL;
INSERT INTO session_requests (session_id, subject, action, created_at)
  SELECT session_id, delivery_key, action, created_at FROM delivery_requests WHERE outcome IS NULL ORDER BY id;
`,
};
