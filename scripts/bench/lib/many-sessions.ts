import { cpSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createAgentGroup, getAgentGroup } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { ensureSession } from '../../../src/db/central/sessions.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { createSessionFiles } from '../../../src/session-manager/create-files.js';

/** Sessions in which nothing is due, each with its folder and its two files, as if people had once talked there. */
export function addIdleSessions(data: string, from: number, to: number): void {
  const template = path.join(data, 'template');
  const sessions = path.join(data, 'v2-sessions', 'ag_idle');
  mkdirSync(sessions, { recursive: true });
  if (!existsSync(template)) createSessionFiles(template);
  const db = openCentralDb(path.join(data, 'v2.db'));
  const now = Date.now();
  if (!getAgentGroup(db, 'ag_idle')) {
    createAgentGroup(db, {
      ...{
        id: 'ag_idle',
        name: 'idle',
        folder: 'idle',
        isAdmin: false,
        agentProvider: 'claude',
        createdAt: now,
      },
      containerConfig: containerConfigSchema.parse({}),
    });
  }
  db.transaction(() => {
    for (let n = from; n < to; n += 1) {
      const key = { agentGroupId: 'ag_idle', messagingGroupId: null, threadId: `thread-${n}` };
      const { id } = ensureSession(db, key, now);
      cpSync(template, path.join(sessions, id), { recursive: true });
    }
  })();
  db.close();
}
