import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { codeRoot } from '../../../src/config.js';

export interface Step {
  code: number | null;
  fields: Record<string, string>;
  said: string;
}

/**
 * A release on a remote, a clone of it with an installation in it, and somebody who publishes. `ownPackages`: the clone's
 * `node_modules` is its own, for npm to work in; else it is a link to ours. `dotenv`: its settings. `from`: the release is
 * this commit, not the checkout as it is.
 */
export function createCloneWorld({
  ownPackages = false,
  dotenv = {} as Record<string, string>,
  from = null as string | null,
} = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-update-'));
  const [remote, author, clone, bin, home] = ['remote.git', 'author', 'wharfie', 'bin', 'home'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string, string];
  for (const folder of [author, bin, home]) mkdirSync(folder);
  // No service manager of the machine that the test runs on gets to hear of it.
  writeFileSync(join(bin, 'systemctl'), '#!/bin/sh\necho offline\nexit 1\n', { mode: 0o755 });
  const env: Record<string, string> = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: home,
    XDG_CACHE_HOME: join(dir, 'c'),
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
    npm_config_userconfig: npmSettings(),
    npm_config_cache: join(tmpdir(), 'wharfie-update-npm'),
    npm_config_update_notifier: 'false',
    ...(process.env.NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS } : {}),
    ...identity(),
  };
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8' }).trim();
  if (from === null) copySources(author);
  else unpackCommit(from, author);
  git(author, 'init', '--quiet', '--initial-branch=main');
  git(author, 'add', '--all');
  git(author, 'commit', '--quiet', '-m', 'The release');
  git(dir, 'clone', '--quiet', '--bare', author, remote);
  git(author, 'remote', 'add', 'origin', remote);
  git(dir, 'clone', '--quiet', remote, clone);
  if (ownPackages) execFileSync('cp', ['-a', '--reflink=auto', join(codeRoot, 'node_modules'), clone]);
  else symlinkSync(join(codeRoot, 'node_modules'), join(clone, 'node_modules'));
  const settings = Object.entries(dotenv).map(([name, value]) => `${name}=${value}\n`);
  if (settings.length > 0) writeFileSync(join(clone, '.env'), settings.join(''), { mode: 0o600 });

  const run = async (args: string[], more: Record<string, string> = {}, input = '') => {
    const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
      cwd: clone,
      env: { ...env, ...more },
    });
    let [out, said] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.stdin.end(input);
    const [code] = await once(child, 'close');
    return { code, out, said };
  };
  const world = {
    dir,
    clone,
    remote,
    env,
    git: (...args: string[]) => git(clone, ...args),
    /** The commit, and what differs from it. */
    code: () => [
      git(clone, 'rev-parse', 'HEAD'),
      git(clone, 'status', '--porcelain', '--untracked-files=no'),
    ],
    read: (file: string) => readFileSync(join(clone, file), 'utf8'),
    /** Changes `package.json` and the lock file, to be published with the next commit. */
    npmInAuthor: (...args: string[]) => execFileSync('npm', args, { cwd: author, env, encoding: 'utf8' }),
    /** Publishes a commit that changes these files; what is not there yet is empty before. */
    publish(changes: Record<string, (text: string) => string>) {
      for (const [file, change] of Object.entries(changes)) {
        const path = join(author, file);
        writeFileSync(path, change(existsSync(path) ? readFileSync(path, 'utf8') : ''));
      }
      git(author, 'add', '--all');
      git(author, 'commit', '--quiet', '-m', `Change ${Object.keys(changes).join(', ') || 'all'}`);
      git(author, 'push', '--quiet', 'origin', 'main');
      return git(author, 'rev-parse', 'HEAD');
    },
    /** Publishes the checkout as it is, with these changes. */
    publishCheckout(changes: Record<string, (text: string) => string> = {}) {
      git(author, 'rm', '--quiet', '-r', '.');
      copySources(author);
      return world.publish(changes);
    },
    /** Starts a step and kills it as soon as it says this. */
    async killStep(name: string, flags: string[], at: string) {
      const args = ['--import', 'tsx', 'setup/index.ts', '--step', name, '--', ...flags];
      const child = spawn(process.execPath, args, { cwd: clone, env, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += chunk;
        if (said.includes(at)) child.kill('SIGKILL');
      });
      await once(child, 'close');
      return child.signalCode;
    },
    async step(name: string, flags: string[] = [], more: Record<string, string> = {}): Promise<Step> {
      const args = ['setup/index.ts', '--step', name, '--json', '--', ...flags];
      const { code, out, said } = await run(args, more);
      return { code, said, fields: out.trim() === '' ? {} : JSON.parse(out) };
    },
    /** What the terminal's agent answers to this; a host runs already, or for as long as it takes. */
    async say(text: string) {
      return (await run(['src/index.ts'], {}, `${text}\n`)).out;
    },
  };
  onTestFinished(async () => {
    await world.step('service', ['--uninstall']);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  return world;
}

/** The files of the checkout as they are, committed or not. */
function copySources(target: string): void {
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: codeRoot,
    encoding: 'utf8',
  });
  for (const file of list.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    cpSync(join(codeRoot, file), join(target, file), { force: true });
  }
}

/** The files of a commit of this repository. */
export function unpackCommit(commit: string, target: string): void {
  const options = { cwd: codeRoot, maxBuffer: 2 ** 28 };
  let tar: Buffer;
  try {
    tar = execFileSync('git', ['archive', '--format=tar', commit], options);
  } catch (cause) {
    throw new Error(`The history here does not reach back to ${commit}: git fetch --unshallow`, { cause });
  }
  execFileSync('tar', ['--extract', '--directory', target], { input: tar });
}

function identity(): Record<string, string> {
  const roles = ['AUTHOR', 'COMMITTER'];
  return Object.fromEntries(
    roles.flatMap((role) => [
      [`GIT_${role}_NAME`, 'Somebody'],
      [`GIT_${role}_EMAIL`, 'somebody@example.com'],
    ]),
  );
}

/** Where npm finds its registry, and what it needs to compile, is the machine's matter: its user's settings hold it. */
function npmSettings(): string {
  return execFileSync('npm', ['config', 'get', 'userconfig'], { cwd: codeRoot, encoding: 'utf8' }).trim();
}

/** A new migration with this SQL. */
export const migration = (sql: string) => ({
  'src/db/central/migrations/999-of-the-test.ts': () =>
    `import type { Migration } from './types.js';\n\nexport const ofTheTest: Migration = { name: '999-of-the-test', sql: \`${sql}\` };\n`,
  'src/db/central/migrations/index.ts': (text: string) =>
    `import { ofTheTest } from './999-of-the-test.js';\n${text.replace(/,?\s*\];\s*$/, ', ofTheTest];')}`,
});
