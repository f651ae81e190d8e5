import type { Migration } from './types.js';

/** When `next_due_at` was stored: later than now, it was reckoned by a clock that has been set back since. */
export const clockSetBack: Migration = {
  name: '006-clock-set-back',
  sql: `
ALTER TABLE sessions ADD COLUMN due_set_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_due_set ON sessions (due_set_at) WHERE next_due_at IS NOT NULL;
`,
};
