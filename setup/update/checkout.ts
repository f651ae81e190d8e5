import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { channels } from '../../src/channels/catalog/index.js';
import { CHECKOUT_FILES } from '../backup/create.js';
import { type BarrelLine, editBarrel, parseBarrel } from '../channel/barrel.js';
import { currentCommit, GitError, git, mustGit } from './git.js';

const [BARREL = '', MANIFEST = '', LOCK = ''] = CHECKOUT_FILES;

export interface Checkout {
  head: string;
  /** The channels that are on or off here, whatever the release says. */
  lines: BarrelLine[];
}

/**
 * The checkout as it is. Its barrel may differ from the release by lines that were switched, its `package.json` by
 * packages of channels, its lock file as npm likes: that is what `channel --enable` does, and an update does it again.
 * Throws `no-checkout`, and `checkout-dirty` for every other change.
 */
export async function examineCheckout(root: string): Promise<Checkout> {
  const head = await currentCommit(root);
  const top = head === null ? null : (await mustGit(root, 'rev-parse', '--show-prefix')).trim();
  if (head === null || top !== '') {
    throw new GitError(
      'no-checkout',
      'This folder is no clone of its own, so there is nothing to bring up to date it from.',
      'Clone the repository anew, and take data/, groups/ and .env along.',
    );
  }
  const barrel = readFileSync(join(root, BARREL), 'utf8');
  const changed = (await mustGit(root, 'status', '--porcelain', '--untracked-files=no', '-z'))
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => line.slice(3));
  const foreign: string[] = [];
  for (const file of changed) {
    if (!(await isOurs(root, file, barrel))) foreign.push(file);
  }
  if (foreign.length > 0) throw dirty(foreign);
  return { head, lines: parseBarrel(barrel) };
}

async function isOurs(root: string, file: string, barrel: string): Promise<boolean> {
  if (file === LOCK) return true;
  if (file === BARREL)
    return withLines(await mustGit(root, 'show', `HEAD:${BARREL}`), parseBarrel(barrel)) === barrel;
  if (file !== MANIFEST) return false;
  const released = manifestOf(await mustGit(root, 'show', `HEAD:${MANIFEST}`));
  const present = manifestOf(readFileSync(join(root, MANIFEST), 'utf8'));
  const packages = Object.values(channels).flatMap((facts) => facts.package?.name ?? []);
  const rest = Object.entries(present.dependencies).filter(
    ([name, version]) => !packages.includes(name) || released.dependencies[name] === version,
  );
  const kept = Object.entries(released.dependencies).filter(
    ([name, version]) => !packages.includes(name) || present.dependencies[name] === version,
  );
  return (
    JSON.stringify({ ...present, dependencies: sorted(rest) }) ===
    JSON.stringify({ ...released, dependencies: sorted(kept) })
  );
}

/** The barrel `text` with these channels on or off; it keeps what it says of others. */
export function withLines(text: string, lines: readonly BarrelLine[]): string {
  return lines.reduce((edited, { type, enabled }) => editBarrel(edited, type, enabled), text);
}

const manifestSchema = z.looseObject({ dependencies: z.record(z.string(), z.string()).default({}) });

function manifestOf(text: string) {
  return manifestSchema.parse(JSON.parse(text));
}

function sorted(entries: [string, string][]): [string, string][] {
  return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function dirty(files: readonly string[]): GitError {
  const shown = files.slice(0, 5).join(', ');
  const more = files.length > 5 ? ` and ${files.length - 5} more` : '';
  return new GitError(
    'checkout-dirty',
    `The checkout has changes that an update would lose: ${shown}${more}.`,
    'Keep them with git stash (or git commit), or drop them with git checkout -- <file>; then run this step again.',
  );
}

/** Whether the release's packages are the same in both commits. */
export async function samePackages(root: string, from: string, to: string): Promise<boolean> {
  return (await git(root, 'diff', '--quiet', from, to, '--', MANIFEST, LOCK)).code === 0;
}
