import { chmodSync, existsSync, lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashPoint } from '../crash-point.js';
import { listFoldersInGroups, markFolderMoved } from '../db/central/agent-groups.js';
import type { CentralDb } from '../db/central/index.js';
import { codeOf, reasonOf, WharfieError } from '../errors.js';
import { syncFolder } from '../files/sync-folder.js';
import { makeDataFolder } from '../host/data-folder.js';
import { updateJournalFile } from '../host/restore-guard.js';
import type { Log } from '../log/index.js';
import { type FolderRoots, isThere } from './index.js';
import { obstacleOf } from './obstacle.js';

export interface MoveDeps {
  db: CentralDb;
  paths: FolderRoots & { data: string };
  log: Log;
  crashPoint: CrashPoint;
}

/**
 * Moves what agents write from `groups/` to `data/groups/`, where versions before did not keep it. For the host's start,
 * under the host lock and before any container starts. Containers that run go on: a bind mount holds the folder itself,
 * whatever it is called. What cannot be moved stays in use where it is, and `verify` says so.
 */
export function moveAgentFolders(deps: MoveDeps): void {
  const { db, paths, log } = deps;
  makeDataFolder(paths.agentFolders);
  const waiting = listFoldersInGroups(db);
  // An update that is undone brings back a version that looks into `groups/`.
  if (waiting.length === 0 || existsSync(updateJournalFile(paths.data))) return;
  for (const { id, folder } of waiting) {
    try {
      if (!moveFolder(deps, folder)) continue;
      markFolderMoved(db, id);
      log.info({ folder }, 'folder of an agent group moved to data/groups');
    } catch (error) {
      const fix = error instanceof WharfieError ? { code: error.code, fix: error.fix } : {};
      log.warn({ folder, ...fix }, `folder of an agent group not moved: ${reasonOf(error)}`);
    }
  }
}

/** Whether it lies in `data/groups/` now. */
function moveFolder({ paths, crashPoint }: MoveDeps, folder: string): boolean {
  const obstacle = obstacleOf(paths, folder);
  if (obstacle) throw obstacle;
  const [from, to] = [join(paths.groups, folder), join(paths.agentFolders, folder)];
  // Moved already, and the host died before it wrote that down; or there is none yet, and it is made where it was.
  if (!isThere(from)) return isThere(to);
  crashPoint('folders:before-move');
  rename(from, to);
  // On disk before the database says so: a power cut must not leave the database alone with it.
  for (const parent of [paths.agentFolders, paths.groups]) syncFolder(parent);
  crashPoint('folders:after-move');
  return true;
}

/** `from` is a folder that no agent can put a link in place of: it is the root of its mount. */
function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    // Who moves a folder has to be able to write it, and its agent may have taken that right from its owner.
    const { mode } = lstatSync(from);
    chmodSync(from, mode | 0o700);
    renameSync(from, to);
    chmodSync(to, mode);
  }
}
