import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { barrelFile, editBarrel } from '../../setup/channel/barrel.js';
import { channels } from '../../src/channels/catalog/index.js';
import { codeRoot } from '../../src/config.js';

const PARTS = ['src', 'setup', 'scripts', 'package.json', 'tsconfig.json'];
const here = fileURLToPath(new URL('.', import.meta.url));
const installed = path.join(here, 'node_modules');

/** `npm run test:channels` has them installed; where it has not run they are now. */
function ensureInstalled(): void {
  if (existsSync(path.join(installed, '.package-lock.json'))) return;
  execFileSync('npm', ['ci', '--prefix', here, '--ignore-scripts'], { stdio: 'pipe' });
}

export interface Checkout {
  root: string;
  remove(): void;
}

/**
 * A checkout in which these channels are enabled, as `--step channel -- --enable` leaves it: their lines of the barrel
 * count and their packages lie beside the root's, with one copy of what they share.
 */
export function createCheckout(enabled: readonly string[]): Checkout {
  ensureInstalled();
  const root = mkdtempSync(path.join(tmpdir(), 'wharfie-checkout-'));
  for (const part of PARTS) cpSync(path.join(codeRoot, part), path.join(root, part), { recursive: true });
  cpSync(path.join(codeRoot, 'container'), path.join(root, 'container'), {
    recursive: true,
    filter: (source) => path.basename(source) !== 'node_modules',
  });
  const modules = path.join(root, 'node_modules');
  const present = packagesIn(path.join(codeRoot, 'node_modules'));
  copy(path.join(codeRoot, 'node_modules'), present, modules);
  for (const type of enabled) {
    const needed = channels[type]?.package;
    if (needed && !present.includes(needed.name)) install(modules, needed.name, present);
    const barrel = barrelFile(root);
    writeFileSync(barrel, editBarrel(readFileSync(barrel, 'utf8'), type, true));
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** What the root has as well is found above the package; everything else lies beneath it. */
function install(modules: string, name: string, present: readonly string[]): void {
  copy(installed, [name], modules);
  const beneath = path.join(modules, name, 'node_modules');
  const missing = packagesIn(installed).filter(
    (one) => one !== name && !present.includes(one) && !existsSync(path.join(beneath, one)),
  );
  copy(installed, missing, beneath);
}

/**
 * Folders of our own, with links to the files where the file system can: behind a link to a folder, what Node runs without
 * a loader would find a second copy of a package.
 */
function copy(from: string, names: readonly string[], to: string): void {
  mkdirSync(to, { recursive: true });
  const cp = (flags: string) =>
    execFileSync('cp', [flags, '--parents', ...names, to], { cwd: from, stdio: 'pipe' });
  try {
    cp('-al');
  } catch {
    // Another file system.
    cp('-a');
  }
}

/** Their names, scoped ones as `@scope/name`. */
function packagesIn(modules: string): string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(modules, name)).map((own) => `${name}/${own}`) : [name],
    );
}
