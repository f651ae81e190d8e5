import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Config } from '../../src/config.js';
import { createCrashPoint } from '../../src/crash-point.js';
import { replaceFile } from '../../src/files/replace.js';
import { allowlistFile } from '../../src/mounts/index.js';
import type { StepContext } from '../lib/step.js';
import { currentCommit } from '../update/git.js';
import { packTree } from './archive.js';
import {
  AGENT_FOLDERS,
  ALLOWLIST,
  type Backup,
  backupsFolder,
  CHECKOUT,
  DATABASE,
  describeFiles,
  ENV,
  GROUPS,
  MANIFEST,
  type Manifest,
  SESSIONS,
} from './manifest.js';

/** What `channel --enable` writes into the checkout. */
export const CHECKOUT_FILES = ['src/channels/index.ts', 'package.json', 'package-lock.json'];
const PARTIAL = '.partial';

/**
 * Everything of an installation in one folder, complete or not at all. The caller holds the setup lock and the host lock,
 * and the containers stand still: then, and only then, the session databases may be read as files.
 */
export async function createBackup(
  context: StepContext,
  config: Config,
  reason: Manifest['reason'],
): Promise<Backup> {
  const { home, root, env, clock } = context;
  const all = backupsFolder(home);
  const partial = join(all, PARTIAL);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  try {
    const { paths } = config;
    const migrations = await keepDatabase(paths.centralDb, join(partial, DATABASE));
    createCrashPoint(env.WHARFIE_CRASH_AT)('backup:half-way');
    keepFile(paths.envFile, join(partial, ENV));
    keepFile(allowlistFile(env.HOME || homedir()), join(partial, ALLOWLIST));
    for (const name of CHECKOUT_FILES) keepFile(join(root, name), join(partial, CHECKOUT, name));
    let skipped = 0;
    for (const [tree, name] of [
      [paths.groups, GROUPS],
      [paths.agentFolders, AGENT_FOLDERS],
      [paths.sessions, SESSIONS],
    ] as const) {
      if (existsSync(tree)) skipped += await packTree(context, tree, join(partial, name));
    }
    const manifest: Manifest = {
      version: 1,
      createdAt: clock.now(),
      reason,
      code: await currentCommit(root),
      release: releaseOf(root),
      migrations,
      skipped,
      files: await describeFiles(partial, filesBelow(partial)),
    };
    replaceFile(join(partial, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, 0o600);
    const name = freeName(all, clock.now(), reason);
    const folder = join(all, name);
    renameSync(partial, folder);
    return { name, folder, manifest };
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/** A copy by SQLite itself, of one moment, whoever writes meanwhile. Returns the migrations that are in it. */
export async function keepDatabase(from: string, to: string): Promise<string[]> {
  if (!existsSync(from)) return [];
  const source = new Database(from, { timeout: 5000 });
  try {
    await source.backup(to);
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
  const copy = new Database(to);
  try {
    // One file, without a log beside it.
    copy.pragma('journal_mode = DELETE');
    return migrationsOf(copy);
  } finally {
    copy.close();
  }
}

export function migrationsOf(db: Database.Database): string[] {
  const there = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migrations'").get();
  return there ? db.prepare<[], string>('SELECT name FROM migrations ORDER BY rowid').pluck().all() : [];
}

function keepFile(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(from, to);
  chmodSync(to, 0o600);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
  );
}

const manifestOfPackage = z.object({ version: z.string() });

function releaseOf(root: string): string {
  return manifestOfPackage.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version;
}

/** `20261125-083000`, in UTC; a second one in the same second gets a number. */
function freeName(folder: string, now: number, reason: Manifest['reason']): string {
  const stamp = new Date(now)
    .toISOString()
    .replace(/[-:]|\..*$/g, '')
    .replace('T', '-');
  const base = reason === 'update' ? `${stamp}-before-update` : stamp;
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : `${base}-${number}`;
    if (!existsSync(join(folder, name))) return name;
  }
}
