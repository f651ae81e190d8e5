import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { agentFolder } from '../../../src/agent-folders/index.js';
import { moveAgentFolders } from '../../../src/agent-folders/move.js';
import { misplacedOf } from '../../../src/agent-folders/obstacle.js';
import { pathsOf } from '../../../src/config.js';
import { createAgentGroup, listAgentGroups } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { createLog } from '../../../src/log/index.js';

/** An installation of a version before, with these agent groups; each has a folder in `groups/` with its name in it. */
function yesterday(...folders: string[]) {
  const home = mkdtempSync(join(tmpdir(), 'wharfie-folders-'));
  const paths = pathsOf(home);
  mkdirSync(paths.data);
  const db = openCentralDb(paths.centralDb);
  onTestFinished(() => {
    db.close();
    rmSync(home, { recursive: true, force: true });
  });
  for (const folder of folders) {
    createAgentGroup(db, {
      ...{ id: `ag_${folder}`, name: folder, folder, isAdmin: false, agentProvider: 'mock', createdAt: 1 },
      containerConfig: containerConfigSchema.parse({}),
    });
    mkdirSync(join(paths.groups, folder), { recursive: true, mode: 0o700 });
    writeFileSync(join(paths.groups, folder, 'CLAUDE.md'), folder);
  }
  db.exec("UPDATE agent_groups SET place = 'groups'");
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ write: (line) => void lines.push(JSON.parse(line)) }, { level: 'info' });
  const move = () => moveAgentFolders({ db, paths, log, crashPoint: () => {} });
  return {
    home,
    paths,
    db,
    move,
    /** What the host said about folders that it did not move. */
    refused: () => lines.flatMap(({ folder, code }) => (code ? [`${folder} ${code}`] : [])),
    /** Each group's place by the database, and what the agent finds in its folder. */
    found: () =>
      listAgentGroups(db).map((group) => {
        const file = join(agentFolder(paths, group), 'CLAUDE.md');
        return [group.folder, group.place, existsSync(file) ? readFileSync(file, 'utf8') : null];
      }),
    misplaced: () => listAgentGroups(db).map((group) => misplacedOf(paths, group)?.code ?? null),
  };
}

it('moves the folder of each agent group, with its mode, and nothing else', () => {
  const at = yesterday('ann', 'bob');
  for (const other of ['global', 'a-template'])
    writeFileSync(join(mkdirIn(at.paths.groups, other), 'CLAUDE.md'), 'ours');
  chmodSync(join(at.paths.groups, 'bob'), 0o750);
  expect(at.misplaced()).toEqual(['agent-folder-not-moved', 'agent-folder-not-moved']);
  at.move();
  const moved = [
    ['ann', 'data', 'ann'],
    ['bob', 'data', 'bob'],
  ];
  expect(at.found()).toEqual(moved);
  expect(readdirSync(at.paths.groups).sort()).toEqual(['a-template', 'global']);
  const modes = ['', 'ann', 'bob'].map((name) => lstatSync(join(at.paths.agentFolders, name)).mode & 0o777);
  expect(modes).toEqual([0o711, 0o700, 0o750]);
  at.move();
  expect([at.found(), at.refused(), at.misplaced()]).toEqual([moved, [], [null, null]]);
});

it('what was moved and not written down, for the host died, is found, and then written down', () => {
  const at = yesterday('ann');
  mkdirSync(at.paths.agentFolders);
  renameSync(join(at.paths.groups, 'ann'), join(at.paths.agentFolders, 'ann'));
  expect(at.found()).toEqual([['ann', 'groups', 'ann']]);
  at.move();
  expect(at.found()).toEqual([['ann', 'data', 'ann']]);
});

it('where both exist neither is touched: the agent goes on with the one that its database means', () => {
  const at = yesterday('ann', 'bob');
  writeFileSync(join(mkdirIn(at.paths.agentFolders, 'ann'), 'CLAUDE.md'), 'another');
  mkdirIn(at.paths.agentFolders, 'empty');
  at.move();
  expect(at.found()).toEqual([
    ['ann', 'groups', 'ann'],
    ['bob', 'data', 'bob'],
  ]);
  expect(readFileSync(join(at.paths.agentFolders, 'ann', 'CLAUDE.md'), 'utf8')).toBe('another');
  expect(at.refused()).toEqual(['ann agent-folder-twice']);
  mkdirIn(at.paths.groups, 'bob');
  expect(at.misplaced()).toEqual(['agent-folder-twice', 'agent-folder-twice']);
});

it('an empty folder in the way is not replaced', () => {
  const at = yesterday('ann');
  mkdirIn(at.paths.agentFolders, 'ann');
  at.move();
  expect(at.refused()).toEqual(['ann agent-folder-twice']);
  expect(at.found()).toEqual([['ann', 'groups', 'ann']]);
});

it('a link in place of the folder is neither followed nor moved', () => {
  const at = yesterday('ann');
  const elsewhere = mkdirIn(at.home, 'elsewhere');
  writeFileSync(join(elsewhere, 'CLAUDE.md'), 'of the operator');
  rmSync(join(at.paths.groups, 'ann'), { recursive: true });
  symlinkSync('../elsewhere', join(at.paths.groups, 'ann'));
  at.move();
  expect(at.refused()).toEqual(['ann agent-folder-odd']);
  expect(at.misplaced()).toEqual(['agent-folder-odd']);
  expect(at.found()).toEqual([['ann', 'groups', 'of the operator']]);
});

it('groups/ may be a link to a folder of this file system; one of another stays in use where it is', () => {
  const at = yesterday('ann');
  const other = mkdtempSync('/dev/shm/wharfie-folders-');
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  const isOther = lstatSync(other).dev !== lstatSync(at.home).dev;
  writeFileSync(join(mkdirIn(other, 'ann'), 'CLAUDE.md'), 'far away');
  rmSync(at.paths.groups, { recursive: true });
  symlinkSync(other, at.paths.groups);
  at.move();
  expect(at.found()).toEqual([['ann', isOther ? 'groups' : 'data', 'far away']]);
  expect(at.misplaced()).toEqual([isOther ? 'agent-folder-elsewhere' : null]);
  if (!isOther) return;
  // What the documentation says: data/groups may be a link to that file system too.
  const there = mkdirIn(other, 'agents');
  rmSync(at.paths.agentFolders, { recursive: true });
  symlinkSync(there, at.paths.agentFolders);
  at.move();
  expect([at.found(), at.misplaced()]).toEqual([[['ann', 'data', 'far away']], [null]]);
});

it('while an update can be taken back nothing is moved', () => {
  const at = yesterday('ann');
  writeFileSync(join(at.paths.data, 'update.json'), '{}');
  at.move();
  expect(at.found()).toEqual([['ann', 'groups', 'ann']]);
  rmSync(join(at.paths.data, 'update.json'));
  at.move();
  expect(at.found()).toEqual([['ann', 'data', 'ann']]);
});

it('an agent that took the right to write its folder from its owner holds nothing up', () => {
  const at = yesterday('ann');
  chmodSync(join(at.paths.groups, 'ann'), 0o500);
  // As root nothing is forbidden, so the test is somebody else for that long.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) execFileSync('chown', ['-R', '12345', at.home]);
  if (isRoot) process.seteuid?.(12345);
  try {
    at.move();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  expect(at.found()).toEqual([['ann', 'data', 'ann']]);
  expect(lstatSync(join(at.paths.agentFolders, 'ann')).mode & 0o777).toBe(0o500);
});

it('a row that somebody broke keeps no folder from being moved', () => {
  const at = yesterday('ann', 'bob');
  at.db.exec("UPDATE agent_groups SET container_config = '{' WHERE folder = 'ann'");
  at.move();
  expect(readdirSync(at.paths.agentFolders).sort()).toEqual(['ann', 'bob']);
});

function mkdirIn(parent: string, name: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
