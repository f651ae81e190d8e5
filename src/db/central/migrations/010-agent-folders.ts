import type { Migration } from './types.js';

/**
 * Below which folder an agent group keeps its files. What versions before made lies in `groups/` until the host has moved
 * it. It is written here, and not seen from the disk, so that a restored database brings its own answer along.
 */
export const agentFolders: Migration = {
  name: '010-agent-folders',
  sql: `
ALTER TABLE agent_groups ADD COLUMN place TEXT NOT NULL DEFAULT 'groups' CHECK (place IN ('groups', 'data'));
`,
};
