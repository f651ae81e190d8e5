import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { launchdAgent } from '../../setup/service/launchd.js';
import { systemdUnit } from '../../setup/service/systemd.js';
import { codeRoot } from '../../src/config.js';
import { newId } from '../../src/ids.js';
import { eventually } from '../system/eventually.js';

const IMAGE = 'wharfie-test-systemd';
const name = `wharfie-systemd-${newId('drop').slice(-8)}`;
/** Nothing that systemd, a shell or XML would take for something of its own is missing. */
const ODD = `/srv/my & "odd" <$HOME> 100%n's`;
const PARTS = ['src', 'setup', 'scripts', 'container', 'package.json', 'tsconfig.json'];
const run = promisify(execFile);
const docker = async (...args: string[]) =>
  (await run('docker', ['-H', inject('dockerHost'), ...args], { maxBuffer: 2 ** 24 })).stdout;

/** Runs a program on that machine; what it prints, also where it fails. */
async function on(user: { name: string; uid: number }, ...command: string[]): Promise<string> {
  const env = [`HOME=/home/${user.name}`, `XDG_RUNTIME_DIR=/run/user/${user.uid}`];
  const flags = ['--user', String(user.uid), '--workdir', '/', ...env.flatMap((pair) => ['--env', pair])];
  return docker('exec', ...flags, name, ...command).catch((error: unknown) =>
    z.object({ stdout: z.string() }).parse(error).stdout.trim(),
  );
}
const root = { name: 'root', uid: 0 };
const ada = { name: 'ada', uid: 1000 };
const sh = (user: typeof root, line: string, ...args: string[]) => on(user, 'sh', '-c', line, 'sh', ...args);

beforeAll(async () => {
  const folder = fileURLToPath(new URL('services', import.meta.url));
  const base = ['--build-arg', 'BASE_IMAGE=wharfie-test-base:24'];
  await docker('build', '--quiet', '--network', 'host', ...base, '--tag', IMAGE, folder);
  const rights = ['--cap-add', 'SYS_ADMIN', '--security-opt', 'seccomp=unconfined', '--cgroupns', 'host'];
  const disks = ['/run', '/run/lock', '/tmp'].flatMap((path) => ['--tmpfs', `${path}:exec`]);
  const mounts = [
    '/sys/fs/cgroup:/sys/fs/cgroup:rw',
    `${codeRoot}:/checkout:ro`,
    `${process.execPath}:/usr/local/bin/node:ro`,
  ].flatMap((mount) => ['--volume', mount]);
  await docker('run', '--detach', '--name', name, '--network', 'none', ...rights, ...disks, ...mounts, IMAGE);
  await eventually(async () => /running|degraded/.test(await on(root, 'systemctl', 'is-system-running')));
}, 300_000);
afterAll(async () => {
  await docker('rm', '--force', name);
});

/** Two installations of two people, each in an odd place. */
describe.each([
  { user: root, kind: 'systemd-system', scope: [] },
  { user: ada, kind: 'systemd-user', scope: ['--user'] },
])('a service of $kind', ({ user, kind, scope }) => {
  const home = `${ODD}/${user.name}`;
  const systemctl = (...args: string[]) => on(user, 'systemctl', ...scope, ...args);
  const pid = async () => (await systemctl('show', 'wharfie', '--property', 'MainPID', '--value')).trim();
  const step = async (step: string, ...flags: string[]) => {
    const line = 'cd "$1" && shift && exec node --import tsx setup/index.ts --step "$@"';
    const output = await sh(user, line, home, step, '--json', '--', ...flags);
    return z.record(z.string(), z.unknown()).parse(JSON.parse(output));
  };

  it('starts, comes back when it is killed, starts anew, and goes', { timeout: 180_000 }, async () => {
    const copy = `mkdir -p "$1" && cd /checkout && cp -r ${PARTS.join(' ')} "$1" && ln -s /checkout/node_modules "$1"`;
    await sh(root, `${copy} && chown -R "$2" "$1"`, home, String(user.uid));
    if (user !== root) {
      await sh(
        root,
        'useradd --create-home --uid "$1" "$2"; loginctl enable-linger "$2"',
        `${user.uid}`,
        user.name,
      );
      await eventually(async () => /running|degraded/.test(await systemctl('is-system-running')));
    }
    expect(await step('service')).toMatchObject({ STATUS: 'success', KIND: kind, RUNNING: true });
    expect(await step('status')).toMatchObject({ HOST: 'running' });
    expect((await systemctl('is-enabled', 'wharfie')).trim()).toBe('enabled');

    const first = await pid();
    await on(user, 'kill', '-9', first);
    await eventually(async () => !['0', first].includes(await pid()));
    await eventually(async () => (await step('status')).HOST === 'running');

    const second = await pid();
    expect(await step('service')).toMatchObject({ STATUS: 'success', CHANGED: false, RUNNING: true });
    expect(await pid()).not.toBe(second);

    expect(await step('service', '--uninstall')).toMatchObject({ STATUS: 'success', RESULT: 'removed' });
    expect((await systemctl('is-active', 'wharfie')).trim()).toBe('inactive');
    expect(await step('status')).toMatchObject({ HOST: 'stopped' });
  });
});

const unit = { name: 'wharfie', root: ODD, home: ODD, node: '/usr/local/bin/node', path: '/usr/bin:/bin' };

describe('the files of services', () => {
  it.each([true, false])('are read by systemd without complaint (of the system: %s)', async (system) => {
    const write =
      'mkdir -p "$1" && printf %s "$2" > /tmp/checked.service && systemd-analyze verify --man=no /tmp/checked.service 2>&1; echo "ended with $?"';
    expect((await sh(root, write, ODD, systemdUnit(unit, system))).trim()).toBe('ended with 0');
  });

  it('are read by a reader of property lists as they were meant', async () => {
    const program = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.argv[1].encode())))';
    const read: unknown = JSON.parse(await on(root, 'python3', '-c', program, launchdAgent(unit)));
    expect(read).toEqual({
      Label: 'dev.wharfie.wharfie',
      ProgramArguments: [unit.node, `${ODD}/scripts/built/run.mjs`, 'host', '--service'],
      WorkingDirectory: ODD,
      EnvironmentVariables: { WHARFIE_HOME: ODD, PATH: unit.path },
      RunAtLoad: true,
      KeepAlive: true,
      StandardOutPath: `${ODD}/data/logs/service.log`,
      StandardErrorPath: `${ODD}/data/logs/service.log`,
    });
  });
});
