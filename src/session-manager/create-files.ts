import { chmodSync, chownSync, closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInbound, createOutbound } from '../db/inbound/index.js';
import { syncFolder } from '../files/sync-folder.js';
import { READER_ID } from '../outbound-reader/identity.js';
import { pathsBelow } from './paths.js';

/**
 * Makes a session's folder with both databases. It appears under its name only when it is whole, so that a crash in
 * between leaves nothing half made: a folder that exists is never completed or repaired.
 */
export function createSessionFiles(root: string): void {
  const unfinished = `${root}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  makePassable(dirname(root));
  const paths = pathsBelow(unfinished);
  for (const [path, mode] of [
    [paths.root, 0o711],
    [dirname(paths.outboundDb), 0o711],
    [paths.in, 0o700],
    [paths.filesIn, 0o755],
    [paths.out, 0o700],
    [paths.home, 0o700],
  ] as const) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  }
  createInbound(paths.inboundDb);
  chmodSync(paths.inboundDb, 0o644);
  createOutbound(paths.outboundDb);
  closeSync(openSync(paths.outboundJournal, 'a', 0o600));
  for (const file of [paths.outboundDb, paths.outboundJournal]) giveToReader(file, null);
  renameSync(unfinished, root);
  syncFolder(dirname(root));
}

/** Passable but not listable: the reader process walks through it under a user of its own. */
export function makePassable(folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
}

/** Owned by who runs the container, readable for the reader process, closed to everybody else. */
export function giveToReader(file: string, ownerUid: number | null): void {
  const uid = process.geteuid?.() ?? -1;
  if (uid === 0) chownSync(file, ownerUid ?? 0, READER_ID);
  chmodSync(file, uid === 0 ? 0o640 : 0o600);
}
