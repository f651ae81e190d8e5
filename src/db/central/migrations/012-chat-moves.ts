import type { Migration } from './types.js';

/** Chats that their platform gave another id. What was kept under the old one is found by it, and not rewritten. */
export const chatMoves: Migration = {
  name: '012-chat-moves',
  sql: `
CREATE TABLE chat_moves (
  channel_type TEXT NOT NULL,
  from_id      TEXT NOT NULL,
  to_id        TEXT NOT NULL,
  moved_at     INTEGER NOT NULL,
  PRIMARY KEY (channel_type, from_id)
);
`,
};
