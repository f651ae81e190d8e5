import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { barrelFile, editBarrel } from '../../setup/channel/barrel.js';
import { channels } from '../../src/channels/catalog.js';
import { codeRoot } from '../../src/config.js';

const PARTS = ['src', 'setup', 'scripts', 'package.json', 'tsconfig.json'];
const here = fileURLToPath(new URL('.', import.meta.url));
const installed = path.join(here, 'node_modules');
const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

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
  for (const name of present) link(path.join(codeRoot, 'node_modules', name), path.join(modules, name));
  for (const type of enabled) {
    const needed = channels[type]?.package;
    if (needed && !present.includes(needed.name)) install(modules, needed.name, present);
    const barrel = barrelFile(root);
    writeFileSync(barrel, editBarrel(readFileSync(barrel, 'utf8'), type, true));
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** What the root has as well is found above the package; everything else is linked beneath it. */
function install(modules: string, name: string, present: readonly string[]): void {
  const to = path.join(modules, name);
  cpSync(path.join(installed, name), to, { recursive: true });
  const { dependencies } = packageSchema.parse(
    JSON.parse(readFileSync(path.join(to, 'package.json'), 'utf8')),
  );
  for (const dependency of Object.keys(dependencies).filter((one) => !present.includes(one))) {
    link(path.join(installed, dependency), path.join(to, 'node_modules', dependency));
  }
}

function link(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  symlinkSync(from, to);
}

/** Their names, scoped ones as `@scope/name`. */
function packagesIn(modules: string): string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(modules, name)).map((own) => `${name}/${own}`) : [name],
    );
}
