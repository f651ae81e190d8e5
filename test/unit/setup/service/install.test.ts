import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectKind, type Runner } from '../../../../setup/service/detect.js';
import { installService, proveUnit, removeService } from '../../../../setup/service/install.js';
import { serviceFolders, serviceManager } from '../../../../setup/service/manager.js';
import type { ServiceKind } from '../../../../setup/service/types.js';

let dir: string;
let ran: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wharfie-install-'));
  ran = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Answers by the program's name and notes what was run. */
const runner =
  (answers: Record<string, { code: number | null; tail?: string[] }> = {}): Runner =>
  async (command) => {
    ran.push(command.join(' '));
    const { code, tail = [] } = answers[command[0]] ?? { code: 0 };
    return { code, tail };
  };

function manager(kind: ServiceKind, home = join(dir, 'home'), name = 'wharfie') {
  mkdirSync(join(home, 'data'), { recursive: true });
  const folders = {
    userUnits: join(dir, 'user'),
    systemUnits: join(dir, 'system'),
    launchAgents: join(dir, 'agents'),
  };
  const unit = { name, root: home, home, node: process.execPath, path: '/usr/bin:/bin' };
  return { home, manager: serviceManager(kind, unit, { folders, uid: 501 }) };
}

describe.each<ServiceKind>(['systemd-user', 'systemd-system', 'launchd', 'wrapper'])('%s', (kind) => {
  it('is installed, run again without change, and removed', async () => {
    const { home, manager: it } = manager(kind);
    expect(await installService(it, home, runner())).toBe(true);
    expect(readFileSync(it.file, 'utf8')).toBe(it.text);
    expect(statSync(it.file).mode & 0o777).toBe(it.mode);
    expect(ran.at(-1)).toBe(it.start.at(-1)?.join(' '));
    expect(await installService(it, home, runner())).toBe(false);
    expect(await removeService(it, home, runner())).toBe(true);
    expect(existsSync(it.file)).toBe(false);
    expect(await removeService(it, home, runner())).toBe(false);
  });

  it('leaves the service of another installation alone', async () => {
    // The wrapper lies in its installation: two cannot meet.
    if (kind === 'wrapper') return;
    const first = manager(kind, join(dir, 'first'));
    const second = manager(kind, join(dir, 'second'));
    await installService(first.manager, first.home, runner());
    ran = [];
    const refused = { code: 'service-name-taken', message: expect.stringContaining(first.home) };
    await expect(installService(second.manager, second.home, runner())).rejects.toMatchObject(refused);
    await expect(removeService(second.manager, second.home, runner())).rejects.toMatchObject(refused);
    expect(ran).toEqual([]);
    expect(readFileSync(first.manager.file, 'utf8')).toBe(first.manager.text);
    const renamed = manager(kind, join(dir, 'second'), 'wharfie-two');
    expect(await installService(renamed.manager, renamed.home, runner())).toBe(true);
  });

  it('leaves a file that it did not write alone', async () => {
    const { home, manager: it } = manager(kind);
    await installService(it, home, runner());
    writeFileSync(it.file, 'somebody else wrote this');
    await expect(installService(it, home, runner())).rejects.toMatchObject({ code: 'service-foreign-file' });
  });
});

describe('systemd', () => {
  it('writes nothing that systemd-analyze refuses', async () => {
    const { home, manager: it } = manager('systemd-user');
    const refuses = runner({ 'systemd-analyze': { code: 1, tail: ['wharfie.service:7: bad line'] } });
    await expect(installService(it, home, refuses)).rejects.toMatchObject({ code: 'unit-invalid' });
    expect(existsSync(it.file)).toBe(false);
  });

  it('does without where systemd-analyze is not there', async () => {
    const { manager: it } = manager('systemd-user');
    expect(await proveUnit(it, runner({ 'systemd-analyze': { code: null } }))).toBe('not-checked');
  });

  it('says which command failed', async () => {
    const { home, manager: it } = manager('systemd-user');
    const fails = runner({ systemctl: { code: 1, tail: ['Failed to connect to bus'] } });
    await expect(installService(it, home, fails)).rejects.toMatchObject({
      code: 'service-command-failed',
      message: expect.stringContaining('Failed to connect to bus'),
    });
  });
});

describe('a pause', () => {
  it.each<[ServiceKind, string, string, string]>([
    [
      'systemd-user',
      'systemctl --user stop wharfie.service',
      'systemctl --user start wharfie.service',
      'is-active',
    ],
    ['systemd-system', 'systemctl stop wharfie.service', 'systemctl start wharfie.service', 'is-active'],
    [
      'launchd',
      'launchctl bootout gui/501/dev.wharfie.wharfie',
      'launchctl bootstrap gui/501',
      'launchctl print',
    ],
    ['wrapper', 'wharfie.sh stop', 'wharfie.sh start', 'status'],
  ])('of %s ends it and leaves it installed', (kind, pause, resume, active) => {
    const { manager: it } = manager(kind);
    expect(it.pause.map((command) => command.join(' '))).toEqual([expect.stringContaining(pause)]);
    expect(it.resume.map((command) => command.join(' '))).toEqual([expect.stringContaining(resume)]);
    expect(it.active.join(' ')).toContain(active);
  });
});

it('gives a person commands that can be copied, and says what a wrapper does not do', () => {
  const it = serviceManager(
    'wrapper',
    { name: 'wharfie', root: '/r', home: "/my dir's", node: 'node', path: '' },
    { folders: serviceFolders({}, '/home/x'), uid: 1000 },
  );
  expect(it.logs).toBe(`tail -f '/my dir'\\''s/data/logs/service.log'`);
  expect(it.note).toContain('@reboot');
});

describe('detectKind', () => {
  const says = (line: string, code = 0) => runner({ systemctl: { code, tail: [line] } });

  it('takes the manager that works for this user', async () => {
    expect(await detectKind({ platform: 'linux', uid: 1000 }, says('running'))).toBe('systemd-user');
    expect(await detectKind({ platform: 'linux', uid: 0 }, says('degraded', 1))).toBe('systemd-system');
    expect(await detectKind({ platform: 'linux', uid: 0 }, says('offline', 1))).toBe('wrapper');
    expect(await detectKind({ platform: 'linux', uid: 0 }, runner({ systemctl: { code: null } }))).toBe(
      'wrapper',
    );
    expect(await detectKind({ platform: 'darwin', uid: 501 }, says(''))).toBe('launchd');
    expect(ran[0]).toContain('--user');
  });
});
