import type { Migration } from './types.js';

/** When a session's old rows and files were last looked through: each has its turn. */
export const retention: Migration = {
  name: '004-retention',
  sql: `
ALTER TABLE sessions ADD COLUMN retained_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_retained ON sessions (retained_at) WHERE container_state = 'stopped';
`,
};
