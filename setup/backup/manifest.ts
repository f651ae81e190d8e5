import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { codeOf, WharfieError } from '../../src/errors.js';

/** Codes: `backup-unknown`, `backup-damaged`, `archive-failed`, `tar-missing`. */
export class BackupError extends WharfieError {}

export const MANIFEST = 'manifest.json';
/** What a backup may consist of; a part that was not there is left out. */
export const DATABASE = 'v2.db';
export const SESSIONS = 'v2-sessions.tar.gz';
export const GROUPS = 'groups.tar.gz';
/** What agents write; `groups.tar.gz` is `groups/`, where versions before kept it. */
export const AGENT_FOLDERS = 'agent-folders.tar.gz';
export const ENV = '.env';
export const ALLOWLIST = 'mount-allowlist.json';
/** Below it what `channel --enable` changes of the checkout. */
export const CHECKOUT = 'checkout';

const manifestSchema = z.object({
  version: z.literal(1),
  createdAt: z.number(),
  reason: z.enum(['asked', 'update']),
  /** The commit of the checkout; null: it is none of git's. */
  code: z.string().nullable(),
  release: z.string(),
  /** Migrations of its database. */
  migrations: z.array(z.string()),
  /** Things that no archive can hold, or that were closed to us. */
  skipped: z.number(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Beside `data/`, so that whoever moves `data/` away keeps it. */
export function backupsFolder(home: string): string {
  return join(home, 'backups');
}

export interface Backup {
  name: string;
  folder: string;
  manifest: Manifest;
}

/** Whole ones, newest first; what was cut off half-way begins with a dot and is none. */
export function listBackups(home: string): Backup[] {
  return foldersIn(backupsFolder(home))
    .flatMap((name) => readBackup(home, name) ?? [])
    .sort((a, b) => b.manifest.createdAt - a.manifest.createdAt || (a.name < b.name ? 1 : -1));
}

/** Throws `backup-unknown`, and `backup-damaged` where a file is not what was written. */
export async function findBackup(home: string, name: string): Promise<Backup> {
  const found = listBackups(home).find((one) => one.name === name);
  if (!found) {
    const shown = JSON.stringify(name.slice(0, 80));
    throw new BackupError('backup-unknown', `There is no backup ${shown}.`, `${STEP} --list`);
  }
  for (const { name: file, sha256 } of found.manifest.files) {
    if ((await hashOf(join(found.folder, file))) === sha256) continue;
    throw new BackupError(
      'backup-damaged',
      `The backup ${name} is damaged: ${file} is not what was written.`,
      `Take another one: ${STEP} --list`,
    );
  }
  return found;
}

export const STEP = './wharfie backup';

/** Each file below `folder` with its size and hash. */
export async function describeFiles(folder: string, names: readonly string[]): Promise<Manifest['files']> {
  const described = names.map(async (name) => ({
    name,
    bytes: statSync(join(folder, name)).size,
    sha256: (await hashOf(join(folder, name))) ?? '',
  }));
  return Promise.all(described);
}

async function hashOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest('hex');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function readBackup(home: string, name: string): Backup | null {
  const folder = join(backupsFolder(home), name);
  try {
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')));
    return { name, folder, manifest };
  } catch {
    return null;
  }
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
