import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, WharfieError } from '../../src/errors.js';
import { replaceFile } from '../../src/files/replace.js';
import { runCommand } from '../lib/run-command.js';
import type { StepContext } from '../lib/step.js';
import { currentCommit, git } from '../update/git.js';

export interface ChannelPackage {
  name: string;
  version: string;
}

const INSTALL_MS = 600_000;
const FILES = ['package.json', 'package-lock.json'];

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });
const versionSchema = z.object({ version: z.string() });

/** The version of a package in `node_modules`, or null. */
export function installedVersion(root: string, name: string): string | null {
  try {
    return versionSchema.parse(
      JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')),
    ).version;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether `package.json` asks for the package. */
export function isDependency(root: string, name: string): boolean {
  return asksFor(readFileSync(join(root, 'package.json'), 'utf8'), name);
}

/** Whether the checkout asks for it by itself, whatever a step that was cut off has left in `package.json`. */
export async function isOfRelease(root: string, name: string): Promise<boolean> {
  const released = (await currentCommit(root)) && (await git(root, 'show', 'HEAD:./package.json'));
  return released && released.code === 0 ? asksFor(released.out, name) : isDependency(root, name);
}

function asksFor(manifest: string, name: string): boolean {
  return Object.hasOwn(manifestSchema.parse(JSON.parse(manifest)).dependencies, name);
}

/** In this version, and written down: else the next `npm ci` would take it away. */
export function isInstalled(root: string, { name, version }: ChannelPackage): boolean {
  return installedVersion(root, name) === version && isDependency(root, name);
}

/** Installs exactly this version and writes it down. Throws `package-install-failed`; then nothing is written down. */
export async function installPackage(context: StepContext, { name, version }: ChannelPackage): Promise<void> {
  context.say(`Installing ${name}@${version}.`);
  const before = packageFiles(context.root);
  const { code, tail } = await npm(context, ['install', '--save-exact', `${name}@${version}`]);
  if (code === 0 && installedVersion(context.root, name) === version) return;
  before.restore();
  throw new WharfieError(
    'package-install-failed',
    `${name}@${version} could not be installed: ${
      tail
        .filter((line) => /error|ERR/.test(line))
        .slice(-2)
        .join(' ')
        .slice(0, 300) || 'npm failed'
    }`,
    'Check the network and the disk, then run the step again; logs/setup.log has all that npm said.',
  );
}

export async function removePackage(context: StepContext, name: string): Promise<void> {
  const { code } = await npm(context, ['uninstall', name]);
  if (code !== 0) context.say(`${name} could not be removed; it does no harm where it is.`);
}

/** Takes away what `package.json` does not ask for (any more). */
export async function prunePackages(context: StepContext): Promise<void> {
  const { code } = await npm(context, ['prune']);
  if (code !== 0)
    context.say('A package that is not needed could not be removed; it does no harm where it is.');
}

/** What `package.json` and the lock file say now, to be put back. */
export function packageFiles(root: string): { restore(): void } {
  const kept = FILES.map((name) => {
    const file = join(root, name);
    return { file, text: readFileSync(file, 'utf8') };
  });
  return {
    restore() {
      for (const { file, text } of kept) {
        if (readFileSync(file, 'utf8') !== text) replaceFile(file, text, 0o644);
      }
    },
  };
}

function npm({ root, env, clock, detail }: StepContext, args: string[]) {
  const quiet = ['--no-audit', '--no-fund'];
  return runCommand('npm', [...args, ...quiet], {
    cwd: root,
    env,
    clock,
    timeoutMs: INSTALL_MS,
    onLine: detail,
  });
}
