import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { steps } from '../../../setup/steps.js';
import { createInstallation } from './harness.js';

const DISCORD = 'discord:1100000000000000001:1200000000000000002';

async function stepNamed(name: string) {
  const step = await steps.get(name)?.();
  if (!step) throw new Error(`there is no step ${name}`);
  return step;
}

describe('a database of a newer version', () => {
  it.each([
    ['register', ['--platform-id', DISCORD, '--name', 'x', '--folder', 'x']],
    ['unregister', ['--platform-id', DISCORD]],
    ['members', ['--add', 'discord:77', '--role', 'owner']],
    ['group', ['--folder', 'x', '--egress', 'web']],
    ['groups', ['--list']],
    ['channel', ['--enable', 'telegram']],
    ['deliveries', ['--list']],
    ['messages', ['--set-aside']],
    ['status', []],
  ])('is not touched by %s, which says what to do', async (name, argv) => {
    const at = createInstallation();
    const db = at.db();
    db.exec(`INSERT INTO migrations (name, applied_at) VALUES ('999-from-the-future', 1)`);
    const before = db.serialize();
    expect(await at.run(await stepNamed(name), argv)).toMatchObject({
      exitCode: 2,
      fields: {
        STATUS: 'failed',
        ERROR: 'database-newer',
        MESSAGE: expect.stringContaining('999-from-the-future'),
        FIX: expect.stringMatching(/git pull|backup/),
      },
    });
    expect(db.serialize().equals(before)).toBe(true);
  });
});

describe('an id of another platform', () => {
  it.each([
    ['telegram:123456', 'discord'],
    ['slack:C0123456789', 'telegram'],
    [DISCORD, 'slack'],
    ['123456', 'discord'],
  ])('%s is none of %s, and the answer shows one that is', async (id, channel) => {
    const at = createInstallation();
    const argv = ['--platform-id', id, '--channel', channel, '--name', 'x', '--folder', 'x'];
    const refused = await at.run(await stepNamed('register'), argv);
    expect(refused).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'platform-id-invalid', FIX: expect.stringContaining(`${channel}:`) },
    });
    expect([existsSync(at.paths.groups), existsSync(at.paths.agentFolders)]).toEqual([false, false]);
  });
});

describe('.env', () => {
  it('is edited where an earlier step was killed while it wrote, whatever a person has written into it', async () => {
    const at = createInstallation();
    const text = '# mine\r\nexport TZ="Asia/Tokyo" # there\r\nTZ=Europe/Rome\r\nNOTE=\'a # b\'\r\n';
    at.writeEnv(text);
    writeFileSync(`${at.paths.envFile}.new`, 'TZ=Euro');
    const done = await at.run(await stepNamed('timezone'), ['--tz', 'Europe/Berlin']);
    expect(done.fields).toMatchObject({ STATUS: 'success', TIMEZONE: 'Europe/Berlin' });
    expect(readFileSync(at.paths.envFile, 'utf8')).toBe(text.replace('Europe/Rome', 'Europe/Berlin'));
    expect(existsSync(`${at.paths.envFile}.new`)).toBe(false);
  });
});
