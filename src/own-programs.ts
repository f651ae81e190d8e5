import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeRoot } from './config.js';

const SOURCES = {
  host: 'src/index.ts',
  setup: 'setup/index.ts',
  runner: 'container/agent-runner/src/main.ts',
} as const;

/** The build that this module is part of (`scripts/built/`); not defined where it runs from its source. */
declare const WHARFIE_BUILD: string | undefined;

/**
 * What Node has to be told to run a program of this checkout with it as the working folder. `root` may be another
 * checkout, also of a release that had no builds.
 */
export function programArgs(program: keyof typeof SOURCES, root: string): string[] {
  const launcher = path.join(root, 'scripts', 'built', 'run.mjs');
  if (existsSync(launcher)) return [launcher, program];
  return ['--import', 'tsx', path.join(root, SOURCES[program])];
}

const CHILDREN = {
  reader: ['src', 'outbound-reader', 'child.ts'],
  parser: ['src', 'parser', 'child.ts'],
} as const;

/**
 * The same for the processes in which the host reads what containers and strangers wrote. They are started in any folder:
 * always of the very build that the host runs, also where the checkout has become another version meanwhile.
 */
export function childArgs(child: keyof typeof CHILDREN): string[] {
  if (typeof WHARFIE_BUILD === 'string') return [path.join(codeRoot, 'dist', `${child}-${WHARFIE_BUILD}.js`)];
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return ['--import', loader, path.join(codeRoot, ...CHILDREN[child])];
}

/** Loads a module of this checkout from its source: a build holds no channel that is not enabled. */
export async function importSource(file: URL): Promise<unknown> {
  if (typeof WHARFIE_BUILD !== 'string') return import(/* @vite-ignore */ file.href);
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(file.href, import.meta.url);
}
