import { lstatSync, realpathSync } from 'node:fs';
import { codeOf } from '../../errors.js';
import { EngineError, type Mount } from '../types.js';

/** Device and inode of the folder at this path, which leads to it without a link. */
export function folderIdentity(path: string): string {
  const { dev, ino } = lstatSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * Throws `mount-replaced` where another folder, or a link, has taken the place of one that was allowed. An engine calls
 * it last before it starts a container: what is between is the time that its own look-up takes.
 */
export function assertUnmoved(mounts: readonly Mount[]): void {
  const moved = mounts.find(({ source, identity }) => identity !== undefined && !isStill(source, identity));
  if (!moved) return;
  throw new EngineError(
    'mount-replaced',
    `${moved.source} is not the folder any more that was allowed: something was put in its place.`,
    'Look at who writes there, and see what the group is given: ./wharfie group --list',
  );
}

function isStill(path: string, identity: string): boolean {
  try {
    return realpathSync(path) === path && folderIdentity(path) === identity;
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return false;
  }
}
