import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInstallation, type Installation } from '../system/host-process.js';

let home: Installation;
let env: Record<string, string>;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
  const bin = path.join(home.home, 'bin');
  mkdirSync(bin);
  // A machine whose service manager is not there, whatever this one has.
  writeFileSync(path.join(bin, 'systemctl'), '#!/bin/sh\necho offline\nexit 1\n', { mode: 0o755 });
  env = { PATH: `${bin}:${process.env.PATH}` };
});
afterEach(async () => {
  await service('--uninstall');
  await home.remove();
});

const service = (...flags: string[]) =>
  home.run(['setup/index.ts', '--step', 'service', '--', ...flags], { env });
const chat = () => home.run(['scripts/chat.ts'], { input: 'hello\n' });

describe('service without a service manager', () => {
  it('starts the host, starts it anew when run again, and ends it', async () => {
    const installed = await service();
    expect(installed.stdout).toContain('STATUS: success');
    expect(installed.stdout).toContain('KIND: wrapper');
    expect(installed.stdout).toContain('RUNNING: true');
    expect((await chat()).stdout).toContain('You said: hello');
    const again = await service();
    expect(again.stdout).toContain('CHANGED: false');
    expect(again.stdout).toContain('RUNNING: true');
    const removed = await service('--uninstall');
    expect(removed.stdout).toContain('RESULT: removed');
    // All that is somebody's stays, and it is said how it is deleted.
    const remains = /REMAINS: (.*)/.exec(removed.stdout)?.[1] ?? '';
    for (const part of ['data', '.env', 'logs']) {
      expect(remains).toContain(path.join(home.home, part));
      expect(removed.stdout).toContain(`rm -rf ${path.join(home.home, part)}`);
    }
    expect(existsSync(path.join(home.home, 'data', 'v2.db'))).toBe(true);
    expect(existsSync(path.join(home.home, 'data', 'wharfie.sh'))).toBe(false);
    expect((await chat()).code).toBe(1);
    expect((await service('--uninstall')).stdout).toContain('STATUS: skipped');
  });

  it('changes nothing in a dry run', async () => {
    const { stdout } = await service('--dry-run');
    expect(stdout).toContain('WOULD_CHANGE: true');
    expect(existsSync(path.join(home.home, 'data', 'wharfie.sh'))).toBe(false);
  });

  it('does not take over a host that somebody started by hand', async () => {
    const host = await home.start();
    const { code, stdout } = await service();
    expect(code).toBe(2);
    expect(stdout).toContain('ERROR: host-already-running');
    expect(stdout).toContain(String(host.pid));
    await host.stop();
  });

  it('refuses a second service for the same installation, and backs up around the first', async () => {
    await service();
    const second = await service('--name', 'other');
    expect(second).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('ERROR: service-named-otherwise'),
    });
    expect(existsSync(path.join(home.home, 'data', 'other.sh'))).toBe(false);
    const kept = await home.run(['setup/index.ts', '--step', 'backup'], { env });
    expect(kept.stdout).toMatch(/STATUS: success[\s\S]*SERVICE: running/);
    expect((await chat()).stdout).toContain('You said: hello');
  });

  it('refuses a name that is none', async () => {
    expect((await service('--name', '../x')).stdout).toContain('ERROR: invalid-value');
  });
});
