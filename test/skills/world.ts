import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeRoot } from '../../src/config.js';

/** A person's machine: a clone with its packages, an empty home, and a second terminal. */
export interface Machine {
  root: string;
  home: string;
  env: Record<string, string>;
  /** What the person runs in the second terminal, with what they type there. */
  terminal(command: string, typed?: string): Promise<{ code: number | null; output: string }>;
  remove(): Promise<void>;
}

export function createMachine(
  settings: Record<string, string> = {},
  packages: 'own' | 'linked' = 'own',
): Machine {
  const dir = mkdtempSync(join(tmpdir(), 'wharfie-skills-'));
  const [root, home, bin] = [join(dir, 'wharfie'), join(dir, 'home'), join(dir, 'bin')];
  for (const folder of [root, home, bin]) mkdirSync(folder);
  copyCheckout(root);
  // A link is enough where no step installs anything.
  if (packages === 'linked') symlinkSync(join(codeRoot, 'node_modules'), join(root, 'node_modules'));
  else
    execFileSync('cp', [
      '-a',
      '--reflink=auto',
      `${join(codeRoot, 'node_modules')}/.`,
      join(root, 'node_modules'),
    ]);
  // No service manager of the machine that the test runs on gets to hear of it.
  writeFileSync(join(bin, 'systemctl'), '#!/bin/sh\necho offline\nexit 1\n', { mode: 0o755 });
  const { PATH = '', NODE_EXTRA_CA_CERTS } = process.env;
  const env = {
    PATH: `${bin}:${PATH}`,
    HOME: home,
    XDG_CACHE_HOME: join(dir, 'c'),
    npm_config_cache: join(tmpdir(), 'wharfie-skills-npm'),
    npm_config_update_notifier: 'false',
    ...(NODE_EXTRA_CA_CERTS ? { NODE_EXTRA_CA_CERTS } : {}),
    ...npmSettings(),
    ...settings,
  };
  const terminal: Machine['terminal'] = async (command, typed = '') => {
    const child = spawn('sh', ['-c', command], { cwd: root, env, stdio: 'pipe' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.stdin.end(typed);
    const [code] = await once(child, 'close');
    return { code, output };
  };
  return {
    root,
    home,
    env,
    terminal,
    async remove() {
      await terminal('./wharfie service --uninstall');
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The files of the checkout as they are. */
function copyCheckout(root: string): void {
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: codeRoot,
    encoding: 'utf8',
  });
  for (const file of list.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(codeRoot, file), join(root, file), { force: true });
  }
}

/** Where npm finds its registry is the machine's matter. */
function npmSettings(): Record<string, string> {
  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    cwd: codeRoot,
    encoding: 'utf8',
  }).trim();
  return { npm_config_registry: registry };
}
