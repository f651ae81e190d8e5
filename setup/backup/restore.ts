import { copyFileSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Config } from '../../src/config.js';
import { createCrashPoint } from '../../src/crash-point.js';
import { migrations } from '../../src/db/central/migrations/index.js';
import { WharfieError } from '../../src/errors.js';
import { allowlistFile } from '../../src/mounts/index.js';
import type { StepContext } from '../lib/step.js';
import { unpackTree } from './archive.js';
import {
  AGENT_FOLDERS,
  ALLOWLIST,
  type Backup,
  BackupError,
  DATABASE,
  ENV,
  GROUPS,
  SESSIONS,
} from './manifest.js';
import { carryOut, type Move, writePlan } from './moves.js';

export type Part = 'database' | 'sessions' | 'groups' | 'env';

/**
 * Puts the parts of a backup in the place of what is there, which is moved aside and not deleted. All is unpacked first;
 * what remains is a handful of renames, written down before the first: one that is cut off is finished by the next. The
 * caller holds the setup lock and the host lock, and no container runs. Returns the folder with what was there before.
 */
export async function restoreBackup(
  context: StepContext,
  config: Config,
  backup: Backup,
  parts: readonly Part[],
): Promise<string> {
  const { paths } = config;
  refuseNewer(backup);
  for (const folder of [paths.groups, paths.agentFolders]) refuseOtherDisk(paths.data, folder);
  const staged = join(paths.data, '.restore');
  rmSync(staged, { recursive: true, force: true });
  mkdirSync(staged, { recursive: true, mode: 0o700 });
  const aside = freeAside(paths.data, context.clock.now());
  const has = (name: string) => backup.manifest.files.some((file) => file.name === name);
  const moves: Move[] = [];
  const take = async (name: string, target: string, keptAs: string) => {
    const from = join(staged, keptAs);
    mkdirSync(dirname(from), { recursive: true, mode: 0o700 });
    if (has(name) && name.endsWith('.tar.gz'))
      await unpackTree(context, join(backup.folder, name), dirname(from));
    else if (has(name)) copyFileSync(join(backup.folder, name), from);
    moves.push({ from: has(name) ? from : null, to: target, aside: join(aside, keptAs) });
  };
  if (parts.includes('database')) {
    // The logs first: they belong to the file that goes.
    for (const end of ['-wal', '-shm']) {
      moves.push({ from: null, to: `${paths.centralDb}${end}`, aside: join(aside, `v2.db${end}`) });
    }
    await take(DATABASE, paths.centralDb, 'v2.db');
  }
  if (parts.includes('sessions')) await take(SESSIONS, paths.sessions, 'v2-sessions');
  if (parts.includes('groups')) {
    await take(GROUPS, paths.groups, 'groups');
    // Also where the backup has none: its database says that they lie in `groups/`.
    await take(AGENT_FOLDERS, paths.agentFolders, join('data', 'groups'));
  }
  if (parts.includes('env')) await take(ENV, paths.envFile, '.env');
  for (const move of moves) mkdirSync(dirname(move.aside), { recursive: true, mode: 0o700 });
  writePlan(paths.data, moves);
  carryOut(paths.data, createCrashPoint(context.env.WHARFIE_CRASH_AT));
  return aside;
}

/** The allow-list is the user's, for all installations: one that is there may be the stricter one, and stays. */
export function restoreAllowlist({ env }: StepContext, backup: Backup): 'kept' | 'restored' | 'none' {
  const target = allowlistFile(env.HOME || homedir());
  if (existsSync(target)) return 'kept';
  const source = join(backup.folder, ALLOWLIST);
  if (!existsSync(source)) return 'none';
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  copyFileSync(source, target);
  return 'restored';
}

function refuseNewer({ name, manifest }: Backup): void {
  const unknown = manifest.migrations.filter((one) => !migrations.some((known) => known.name === one));
  if (unknown.length === 0) return;
  throw new WharfieError(
    'database-newer',
    `The backup ${name} was made by a newer version (unknown migrations: ${unknown.join(', ')}).`,
    manifest.code === null
      ? 'Update this checkout first.'
      : `git checkout ${manifest.code} && npm ci, then restore it.`,
  );
}

/** A rename is all or nothing on one file system only. */
function refuseOtherDisk(data: string, folder: string): void {
  if (!existsSync(folder) || statSync(folder).dev === statSync(data).dev) return;
  throw new BackupError(
    'restore-other-disk',
    `${folder} lies on another file system than ${data}.`,
    'Restore by hand, with the host stopped: docs/backup-and-update.md says how.',
  );
}

function freeAside(data: string, now: number): string {
  const stamp = new Date(now)
    .toISOString()
    .replace(/[-:]|\..*$/g, '')
    .replace('T', '-');
  for (let number = 1; ; number += 1) {
    const folder = join(data, `replaced-${stamp}${number === 1 ? '' : `-${number}`}`);
    if (!existsSync(folder)) return folder;
  }
}
