import { existsSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { timezone } from '../../../setup/timezone.js';
import { createInstallation } from './harness.js';

describe('timezone', () => {
  it('writes the canonical name into .env, keeping all else, and the second time nothing', async () => {
    const at = createInstallation();
    at.writeEnv('# mine\r\nTZ="UTC"\r\nA=1\r\n');
    const first = await at.run(timezone, ['--tz', 'europe/berlin']);
    expect(first.fields).toMatchObject({
      STATUS: 'success',
      TIMEZONE: 'Europe/Berlin',
      RESTART_NEEDED: false,
    });
    expect(at.readEnv()).toBe('# mine\r\nTZ=Europe/Berlin\r\nA=1\r\n');
    expect(statSync(at.paths.envFile).mode & 0o777).toBe(0o600);
    expect((await at.run(timezone, ['--tz', 'Europe/Berlin'])).fields).toMatchObject({ STATUS: 'skipped' });
    expect((await at.run(timezone)).fields).toMatchObject({ TIMEZONE: 'Europe/Berlin', SOURCE: '.env' });
  });

  it.each([
    ['Lisbon', 'Europe/Lisbon'],
    ['são paulo', 'America/Sao_Paulo'],
    ['New York', 'America/New_York'],
    ['Austria', 'Europe/Vienna'],
    ['Japan', 'Asia/Tokyo'],
  ])('takes %j for %s', async (place, zone) => {
    const at = createInstallation();
    expect((await at.run(timezone, ['--tz', place])).fields).toMatchObject({ TIMEZONE: zone });
    expect(at.readEnv()).toBe(`TZ=${zone}\n`);
  });

  it('asks which one where a country has several', async () => {
    const at = createInstallation();
    const { exitCode, fields } = await at.run(timezone, ['--tz', 'Brazil']);
    expect(exitCode).toBe(3);
    expect(fields.OPTIONS).toEqual(expect.arrayContaining(['America/Sao_Paulo', 'America/Manaus']));
    expect(existsSync(at.paths.envFile)).toBe(false);
  });

  it.each(['Europe/Berlni', '+02:00', '../etc', ''])(
    'refuses %j, names a near one, and writes nothing',
    async (tz) => {
      const at = createInstallation();
      const { exitCode, fields } = await at.run(timezone, ['--tz', tz]);
      expect(exitCode).toBe(4);
      expect(fields.ERROR).toBe(tz === '' ? 'empty-flag' : 'invalid-value');
      expect(existsSync(at.paths.envFile)).toBe(false);
    },
  );

  it('repairs a zone in .env that nothing else could start with', async () => {
    const at = createInstallation();
    at.writeEnv('TZ=Mars/Base\n');
    expect(await at.run(timezone)).toMatchObject({ exitCode: 4, fields: { ERROR: 'invalid-value' } });
    expect((await at.run(timezone, ['--tz', 'UTC'])).exitCode).toBe(0);
    expect(at.readEnv()).toBe('TZ=UTC\n');
  });
});
