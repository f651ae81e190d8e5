import { chmodSync, closeSync, constants, lchownSync, mkdirSync, openSync } from 'node:fs';
import { codeOf } from '../errors.js';
import { giveToReader } from './create-files.js';
import type { SessionPaths } from './types.js';

export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Makes every mount point of a session that is missing and gives each its owner (null: as the host). Below `out/`,
 * `home/` and the group's folder a container may have put links: there nothing is touched that was not made just
 * now, and no owner or mode is set through a name that could be a link.
 */
export function prepareMounts(paths: SessionPaths, owner: Owner | null): void {
  mkdirSync(paths.global, { recursive: true });
  // What agents keep is for nobody else on this machine; a mode that somebody has given such a folder stays.
  for (const folder of [paths.out, paths.home, paths.group])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (owner) {
    // The host keeps writing these; the container's group may read them, nobody else gets past `in/`.
    lchownSync(paths.in, process.geteuid?.() ?? -1, owner.gid);
    chmodSync(paths.in, 0o750);
    for (const folder of [paths.out, paths.home, paths.group]) lchownSync(folder, owner.uid, owner.gid);
  }
  for (const file of [paths.outboundDb, paths.outboundJournal]) giveToReader(file, owner?.uid ?? null);
  makeFolder(paths.filesOut, owner);
  makeHeartbeat(paths.heartbeat, owner);
}

function makeFolder(path: string, owner: Owner | null): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  if (owner) lchownSync(path, owner.uid, owner.gid);
}

function makeHeartbeat(path: string, owner: Owner | null): void {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    closeSync(openSync(path, O_CREAT | O_EXCL | O_WRONLY, 0o644));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  if (owner) lchownSync(path, owner.uid, owner.gid);
}
