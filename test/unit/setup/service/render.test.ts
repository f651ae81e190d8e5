import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { homeOfAgent, launchdAgent } from '../../../../setup/service/launchd.js';
import { homeOfUnit, systemdUnit } from '../../../../setup/service/systemd.js';
import type { ServiceUnit } from '../../../../setup/service/types.js';
import { homeOfWrapper, wrapperScript } from '../../../../setup/service/wrapper.js';

const ODD = `/srv/my "odd" $HOME folder's 100%n \\x`;
const unit = (home: string): ServiceUnit => ({
  name: 'wharfie',
  root: home,
  home,
  node: process.execPath,
  path: '/usr/bin:/bin',
});
const paths = fc
  .string({ minLength: 1, maxLength: 60, unit: fc.constantFrom(...`ab /"'$%\\<>&;#éß`) })
  .map((text) => `/${text}`);

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'wharfie-service-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('a unit of systemd', () => {
  it('says whose it is, whatever the path', () => {
    fc.assert(fc.property(paths, (path) => homeOfUnit(systemdUnit(unit(path), false)) === path));
    expect(homeOfUnit('[Service]\nExecStart=/bin/true\n')).toBeNull();
  });

  it('doubles what systemd would expand', () => {
    const text = systemdUnit(unit('/a $b %c'), false);
    expect(text).toContain('"/a $$b %%c/scripts/built/run.mjs" "host"');
    expect(text).toContain('WorkingDirectory=/a $b %%c');
    expect(text).toContain('Environment="WHARFIE_HOME=/a $b %%c"');
  });
});

describe('an agent of launchd', () => {
  it('says whose it is, whatever the path', () => {
    fc.assert(fc.property(paths, (path) => homeOfAgent(launchdAgent(unit(path))) === path));
  });
});

describe('the wrapper', () => {
  it('says whose it is, whatever the path', () => {
    fc.assert(fc.property(paths, (path) => homeOfWrapper(wrapperScript(unit(path))) === path));
  });

  it('is a shell script that keeps odd paths whole', () => {
    const dir = folder();
    const home = join(dir, ODD.slice(1).replaceAll('/', '-'));
    mkdirSync(join(home, 'src'), { recursive: true });
    const script = join(dir, 'wrapper.sh');
    writeFileSync(script, wrapperScript(unit(home)));
    execFileSync('sh', ['-n', script]);
    const { status, stdout } = spawnSync('sh', [script, 'status'], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([3, 'stopped\n']);
    expect(spawnSync('sh', [script, 'dance'], { encoding: 'utf8' }).status).toBe(64);
  });

  it('takes no other process for the host, whose number a crash left behind', () => {
    const home = folder();
    mkdirSync(join(home, 'data'));
    writeFileSync(join(home, 'data', 'host.pid'), `${process.pid}\n`);
    const script = join(home, 'wrapper.sh');
    writeFileSync(script, wrapperScript(unit(home)));
    expect(spawnSync('sh', [script, 'status'], { encoding: 'utf8' }).stdout).toBe('stopped\n');
    expect(spawnSync('sh', [script, 'stop']).status).toBe(0);
  });
});
