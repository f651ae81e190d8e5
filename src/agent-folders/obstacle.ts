import { lstatSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AgentGroup } from '../db/types.js';
import { WharfieError } from '../errors.js';
import { type FolderRoots, isThere } from './index.js';

/** Codes: `agent-folder-twice`, `agent-folder-odd`, `agent-folder-elsewhere`, `agent-folder-not-moved`. */
export class FolderError extends WharfieError {}

/** Why a folder in `groups/` cannot be moved to `data/groups/`; null: nothing is in the way, or there is none. */
export function obstacleOf(roots: FolderRoots, folder: string): FolderError | null {
  const [from, to] = [join(roots.groups, folder), join(roots.agentFolders, folder)];
  const found = lstatSync(from, { throwIfNoEntry: false });
  if (!found) return null;
  if (isThere(to)) return twice(roots, { used: from, unused: to });
  if (!found.isDirectory()) {
    return new FolderError(
      'agent-folder-odd',
      `${from} is no folder but a link or a file, so it was not moved to ${dirname(to)}.`,
      `Put the folder, or a link with an absolute path, at ${to}, delete ${from}, and restart the host.`,
    );
  }
  const target = statSync(roots.agentFolders, { throwIfNoEntry: false });
  return target === undefined || found.dev === target.dev ? null : elsewhere(from, to);
}

/** For `verify`: what is wrong with where the group's files lie; null: nothing. */
export function misplacedOf(
  roots: FolderRoots,
  { folder, place }: Pick<AgentGroup, 'folder' | 'place'>,
): FolderError | null {
  const [before, here] = [join(roots.groups, folder), join(roots.agentFolders, folder)];
  if (!isThere(before)) return null;
  if (place === 'data') return twice(roots, { used: here, unused: before });
  return obstacleOf(roots, folder) ?? waiting(before);
}

/** The host moves it when it starts next; the log says why where it could not. */
function waiting(from: string): FolderError {
  return new FolderError(
    'agent-folder-not-moved',
    `${from} is written by an agent, and Claude Code takes the CLAUDE.md in it for instructions.`,
    'Restart the host, which moves it: ./wharfie service (data/logs/wharfie.log says if it could not).',
  );
}

/** Both exist: neither is overwritten, and nobody but a person can tell what of the other one is wanted. */
function twice(roots: FolderRoots, { used, unused }: { used: string; unused: string }): FolderError {
  const aside = join(dirname(roots.agentFolders), `set-aside-${basename(used)}`);
  return new FolderError(
    'agent-folder-twice',
    `The agent group ${basename(used)} has two folders. Its agent uses ${used}; ${unused} is left alone.`,
    `Take what you want out of the other one, then: mv ${quoted(unused)} ${quoted(aside)}`,
  );
}

/** A copy would lose what agents at work write meanwhile. */
function elsewhere(from: string, to: string): FolderError {
  return new FolderError(
    'agent-folder-elsewhere',
    `${from} lies on another file system than ${dirname(to)}, so it was not moved.`,
    'Read "Where agents keep their files" in docs/backup-and-update.md.',
  );
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
