import type { Migration } from './types.js';

/**
 * Why a message is held. One that waits for its chat to be registered is subject to what the registration says of such;
 * one that an agent could not take in is owed to it.
 */
export const heldForTheStuck: Migration = {
  name: '007-held-for-the-stuck',
  sql: `
ALTER TABLE held_messages ADD COLUMN reason TEXT NOT NULL DEFAULT 'unwired'
  CHECK (reason IN ('unwired', 'session-stuck'));
`,
};
