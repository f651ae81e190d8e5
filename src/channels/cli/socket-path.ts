import { homedir } from 'node:os';
import path from 'node:path';
import { shortHash } from '../../ids.js';

/** Node cuts longer unix socket paths silently (the kernel's limit is 108 bytes). */
const LONGEST_PATH_BYTES = 100;

/** `data/cli.sock`, or a short name in the user's own cache folder where that path is too long. */
export function cliSocketPath(dataDir: string): string {
  const wanted = path.join(dataDir, 'cli.sock');
  if (Buffer.byteLength(wanted) <= LONGEST_PATH_BYTES) return wanted;
  return path.join(homedir(), '.cache', 'wharfie', `${shortHash(dataDir)}.sock`);
}
