import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Config } from '../../src/config.js';
import { listEnabledChannels } from '../../src/db/central/enabled-channels.js';
import { WharfieError } from '../../src/errors.js';
import { replaceFile } from '../../src/files/replace.js';
import { CHECKOUT_FILES, keepDatabase } from '../backup/create.js';
import { barrelFile, parseBarrel } from '../channel/barrel.js';
import { isInstalled } from '../channel/package.js';
import { proveHost } from '../channel/prove.js';
import { runCommand } from '../lib/run-command.js';
import type { StepContext } from '../lib/step.js';
import { differingPackages } from '../verify/packages.js';
import { type Checkout, samePackages, withLines } from './checkout.js';
import { mustStepOf } from './child.js';
import { mustGit } from './git.js';

const UNPACK_MS = 300_000;
const INSTALL_MS = 1_800_000;

/** The folder of an update in the checkout: of no interest to git, gone when the update has ended. */
export function updateFolder(root: string): string {
  return join(root, '.update');
}

export interface Stage {
  /** The new version, complete, with the channels of this installation. */
  tree: string;
  /** It has packages of its own, to take the place of those here. */
  packages: boolean;
  /** The channels that `channel --enable` switched on. */
  enabled: string[];
}

/**
 * Makes the new version beside the present one, and proves it there on a copy of the database: packages, channels, types,
 * migrations, a host that starts. Whatever fails then has touched nothing, and the host has not been stopped yet.
 */
export async function prepareStage(
  context: StepContext,
  config: Config,
  { checkout, to }: { checkout: Checkout; to: string },
): Promise<Stage> {
  const { root, say } = context;
  const folder = updateFolder(root);
  const [tree, home] = [join(folder, 'tree'), join(folder, 'home')];
  rmSync(folder, { recursive: true, force: true });
  for (const made of [tree, join(home, 'data')]) mkdirSync(made, { recursive: true, mode: 0o700 });
  await unpackCommit(context, to, tree);
  switchChannels(tree, checkout);
  const enabled = await copyDatabase(config, join(home, 'data', 'v2.db'));
  const there = { root: tree, home };
  let packages = !(await samePackages(root, checkout.head, to)) || differingPackages(root).length > 0;
  if (!packages) {
    // What is installed serves both, as long as no channel wants another version of its package.
    for (const name of CHECKOUT_FILES.slice(1)) copyFileSync(join(root, name), join(tree, name));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    packages = await someDiffer(context, there, enabled);
    if (packages) {
      rmSync(join(tree, 'node_modules'));
      await unpackCommit(context, to, tree);
      switchChannels(tree, checkout);
    }
  }
  if (packages) await installPackages(context, tree);
  say('Trying the new version on a copy of the database.');
  await mustStepOf(context, there, 'status');
  for (const type of enabled) await mustStepOf(context, there, 'channel', ['--enable', type]);
  await proveHost({ ...context, root: tree });
  return { tree, packages, enabled };
}

/** Returns the channels that were enabled by our step. A database of a newer version than this code can be copied too. */
async function copyDatabase(config: Config, copy: string): Promise<string[]> {
  const migrations = await keepDatabase(config.paths.centralDb, copy);
  if (migrations.length === 0) return [];
  const db = new Database(copy);
  try {
    return listEnabledChannels(db).map((one) => one.channelType);
  } finally {
    db.close();
  }
}

async function unpackCommit(context: StepContext, commit: string, tree: string): Promise<void> {
  const { root, env, clock, detail } = context;
  const archive = join(updateFolder(root), 'tree.tar');
  await mustGit(root, 'archive', '--format=tar', `--output=${archive}`, commit);
  const options = { cwd: root, env: { PATH: env.PATH }, clock, timeoutMs: UNPACK_MS, onLine: detail };
  const { code, tail } = await runCommand(
    'tar',
    ['--extract', '--file', archive, '--directory', tree],
    options,
  );
  rmSync(archive, { force: true });
  if (code === 0) return;
  throw new WharfieError(
    'archive-failed',
    `The new version could not be unpacked: ${tail.slice(-2).join(' ').slice(0, 300)}`,
    'Free some disk space, then run this step again.',
  );
}

/** The lines of the barrel that are on here are on there; what the release has anew stays as shipped. */
function switchChannels(tree: string, { lines }: Checkout): void {
  const file = barrelFile(tree);
  const text = readFileSync(file, 'utf8');
  const known = parseBarrel(text);
  const gone = lines.find((line) => line.enabled && !known.some((one) => one.type === line.type));
  if (gone) {
    throw new WharfieError(
      'channel-gone',
      `The channel ${gone.type} is enabled here, and the new version has none of that name.`,
      `Switch it off (./wharfie channel --disable ${gone.type}), then update.`,
    );
  }
  const both = lines.filter((line) => known.some((one) => one.type === line.type));
  replaceFile(file, withLines(text, both), 0o644);
}

const listSchema = z.looseObject({
  CHANNELS: z.array(z.object({ type: z.string(), package: z.string().nullable() })),
});

async function someDiffer(
  context: StepContext,
  there: { root: string; home: string },
  types: readonly string[],
): Promise<boolean> {
  if (types.length === 0) return false;
  const { CHANNELS } = listSchema.parse(await mustStepOf(context, there, 'channel', ['--list']));
  return CHANNELS.some((one) => {
    const at = one.package?.lastIndexOf('@') ?? 0;
    if (one.package === null || !types.includes(one.type)) return false;
    return !isInstalled(there.root, { name: one.package.slice(0, at), version: one.package.slice(at + 1) });
  });
}

async function installPackages(context: StepContext, tree: string): Promise<void> {
  const { root, env, clock, detail, say } = context;
  say('Installing the packages of the new version beside the present ones.');
  if (existsSync(join(root, '.npmrc'))) copyFileSync(join(root, '.npmrc'), join(tree, '.npmrc'));
  // Who has left the compiler out once does not want it now.
  const tools = existsSync(join(root, 'node_modules', 'typescript')) ? [] : ['--omit=dev'];
  const args = ['ci', '--no-audit', '--no-fund', ...tools];
  const options = { cwd: tree, env, clock, timeoutMs: INSTALL_MS, onLine: detail };
  const { code, tail } = await runCommand('npm', args, options);
  if (code === 0) return;
  const why = tail
    .filter((line) => /error|ERR/.test(line))
    .slice(-2)
    .join(' ')
    .slice(0, 300);
  throw new WharfieError(
    'package-install-failed',
    `The packages of the new version could not be installed: ${why || 'npm failed'}`,
    'Check the network and the disk, then run this step again; logs/setup.log has all that npm said.',
  );
}
