import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pathsOf } from '../../../src/config.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { openChatState } from '../../../src/db/chat-state.js';
import { acquireHostLock } from '../../../src/db/host-lock.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { makeDataFolder } from '../../../src/host/data-folder.js';
import { prepareAgentFolder } from '../../../src/people/registration/agent-folder.js';

const folder = () => mkdtempSync(join(tmpdir(), 'wharfie-modes-'));
const modeOf = (path: string) => statSync(path).mode & 0o777;

it.each([
  [null, 0o711],
  // As a fresh clone has it, with the umask of most machines and with that of shared ones.
  [0o755, 0o711],
  [0o775, 0o711],
  [0o700, 0o700],
])('data/ with mode %o becomes %o: other users of the machine see nothing in it', (before, after) => {
  const data = join(folder(), 'data');
  if (before !== null) {
    mkdirSync(data);
    chmodSync(data, before);
  }
  makeDataFolder(data);
  expect(modeOf(data)).toBe(after);
});

it('no database or lock in it can be opened by others, who could hold a lock on it', () => {
  const data = folder();
  const lock = acquireHostLock(data);
  const central = openCentralDb(join(data, 'v2.db'));
  const state = openChatState(join(data, 'chat.db'), () => 1);
  const files = readdirSync(data);
  expect(files).toEqual(expect.arrayContaining(['host.lock', 'v2.db', 'v2.db-wal', 'chat.db']));
  for (const file of files) expect([file, modeOf(join(data, file))]).toEqual([file, 0o600]);
  state.close();
  central.close();
  lock.release();
});

it('what an agent group remembers is for its agent alone', () => {
  const home = folder();
  const group = {
    ...{ id: 'ag_1', name: 'Family', folder: 'family', place: 'data' as const, isAdmin: false, createdAt: 1 },
    agentProvider: 'claude' as const,
    containerConfig: containerConfigSchema.parse({}),
  };
  expect(prepareAgentFolder(pathsOf(home), group)).toBe(true);
  const family = join(home, 'data', 'groups', 'family');
  expect([modeOf(family), existsSync(join(family, 'CLAUDE.md'))]).toEqual([0o700, true]);
  if (process.geteuid?.() === 0) expect(statSync(family).uid).toBe(1000);
  chmodSync(family, 0o750);
  expect(prepareAgentFolder(pathsOf(home), group)).toBe(false);
  expect(modeOf(family)).toBe(0o750);
});
