import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedVersion } from '../../setup/channel/package.js';
import { channels } from '../../src/channels/catalog/index.js';
import { createCloneWorld } from './update/world.js';

const BARREL = 'src/channels/index.ts';
const TRACKED = [BARREL, 'package.json', 'package-lock.json'];

describe('channel --enable with npm itself', () => {
  it('leaves all as it was where npm, the types or a kill stop it, and installs the pinned package', {
    timeout: 600_000,
  }, async () => {
    const wanted = channels.telegram?.package;
    if (!wanted) throw new Error('the catalog has no package for telegram');
    const world = createCloneWorld({ ownPackages: true });
    const tracked = () => TRACKED.map(world.read);
    const released = tracked();
    const enable = (more?: Record<string, string>) => world.step('channel', ['--enable', 'telegram'], more);

    const offline = {
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_cache: join(world.dir, 'empty'),
      npm_config_fetch_retries: '0',
    };
    expect(await enable(offline)).toMatchObject({ code: 1, fields: { ERROR: 'package-install-failed' } });
    expect([tracked(), installedVersion(world.clone, wanted.name)]).toEqual([released, null]);

    const module = join(world.clone, 'src/channels/telegram.ts');
    const sound = readFileSync(module, 'utf8');
    writeFileSync(module, `${sound}\nexport const wrong: number = 'text';\n`);
    expect(await enable()).toMatchObject({
      code: 1,
      fields: { ERROR: 'type-check-failed', MESSAGE: expect.stringContaining('telegram.ts') },
    });
    expect([tracked(), installedVersion(world.clone, wanted.name)]).toEqual([released, null]);
    writeFileSync(module, sound);

    expect(await world.killStep('channel', ['--enable', 'telegram'], 'Checking the types.')).toBe('SIGKILL');
    expect((await world.step('channel', ['--list'])).fields).toMatchObject({ STATUS: 'success' });
    expect(await enable()).toMatchObject({
      code: 0,
      fields: {
        STATUS: 'success',
        PACKAGE: `${wanted.name}@${wanted.version}`,
        TYPE_CHECK: 'passed',
        START: 'passed',
      },
    });
    expect(installedVersion(world.clone, wanted.name)).toBe(wanted.version);
    expect(JSON.parse(world.read('package.json')).dependencies[wanted.name]).toBe(wanted.version);
    expect(world.read(BARREL)).toContain('\nexport { telegram }');
    expect((await enable()).fields).toMatchObject({ STATUS: 'skipped' });

    expect((await world.step('channel', ['--disable', 'telegram'])).fields).toMatchObject({
      STATUS: 'success',
    });
    expect(installedVersion(world.clone, wanted.name)).toBeNull();
    expect([world.read(BARREL), JSON.parse(world.read('package.json'))]).toEqual([
      released[0],
      JSON.parse(released[1] ?? ''),
    ]);
  });
});
