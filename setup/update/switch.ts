import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createCrashPoint } from '../../src/crash-point.js';
import { replaceFile } from '../../src/files/replace.js';
import { CHECKOUT_FILES } from '../backup/create.js';
import type { Backup } from '../backup/manifest.js';
import { CHECKOUT } from '../backup/manifest.js';
import type { StepContext } from '../lib/step.js';
import { mustGit } from './git.js';
import { type Stage, updateFolder } from './stage.js';

const oldModules = (root: string) => join(updateFolder(root), 'old-modules');

/** Lets the checkout be the new version: the commit, the files that channels change, the packages. */
export async function switchOver(
  { root, env }: StepContext,
  to: string,
  { tree, packages }: Stage,
): Promise<void> {
  // Our own lines in tracked files would stand in the way; the stage has them again.
  await mustGit(root, 'checkout', '--quiet', 'HEAD', '--', ...CHECKOUT_FILES);
  await mustGit(root, 'merge', '--quiet', '--ff-only', to);
  createCrashPoint(env.WHARFIE_CRASH_AT)('update:half-switched');
  for (const name of CHECKOUT_FILES)
    replaceFile(join(root, name), readFileSync(join(tree, name), 'utf8'), 0o644);
  if (!packages) return;
  const modules = join(root, 'node_modules');
  if (existsSync(modules)) renameSync(modules, oldModules(root));
  renameSync(join(tree, 'node_modules'), modules);
}

/** The checkout as the backup found it, wherever `switchOver` was cut off. */
export async function switchBack({ root }: StepContext, from: string, backup: Backup): Promise<void> {
  await mustGit(root, 'reset', '--quiet', '--hard', from);
  for (const name of CHECKOUT_FILES) copyFileSync(join(backup.folder, CHECKOUT, name), join(root, name));
  const modules = join(root, 'node_modules');
  if (!existsSync(oldModules(root))) return;
  if (existsSync(modules)) renameSync(modules, join(updateFolder(root), 'new-modules'));
  renameSync(oldModules(root), modules);
}
