import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentGroup } from '../db/types.js';

/** `pathsOf(home)` of config.ts has both. */
export interface FolderRoots {
  groups: string;
  agentFolders: string;
}

/** Where an agent group keeps its files on this machine. Nothing else says so. */
export function agentFolder(
  roots: FolderRoots,
  { folder, place }: Pick<AgentGroup, 'folder' | 'place'>,
): string {
  const here = join(roots.agentFolders, folder);
  if (place === 'data') return here;
  const before = join(roots.groups, folder);
  // Moved, and the host died before it wrote that down.
  return isThere(here) && !isThere(before) ? here : before;
}

/** The same for people, as seen from the installation's folder. */
export function shownFolder({ folder, place }: Pick<AgentGroup, 'folder' | 'place'>): string {
  return place === 'data' ? `data/groups/${folder}` : `groups/${folder}`;
}

/** A link counts, wherever it leads. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
