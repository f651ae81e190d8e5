import { describe, expect, it } from 'vitest';
import { settings } from '../../../setup/settings.js';
import { createInstallation } from './harness.js';

describe('settings', () => {
  it('keeps the public address and the name of assistants, and says what they are', async () => {
    const at = createInstallation();
    const flags = ['--public-url', 'https://wharfie.example.org', '--assistant-name', 'Bea'];
    const told = { PUBLIC_URL: 'https://wharfie.example.org', ASSISTANT_NAME: 'Bea' };
    expect((await at.run(settings, flags)).fields).toMatchObject({ STATUS: 'success', ...told });
    expect(at.readEnv()).toBe('WHARFIE_PUBLIC_URL=https://wharfie.example.org\nASSISTANT_NAME=Bea\n');
    expect((await at.run(settings, flags)).fields).toMatchObject({ STATUS: 'skipped' });
    expect((await at.run(settings)).fields).toMatchObject(told);
  });

  it.each([
    ['http', ['--public-url', 'http://wharfie.example.org']],
    ['no address', ['--public-url', 'https://']],
    ['a name without an end', ['--assistant-name', 'x'.repeat(65)]],
  ])('refuses %s and writes nothing', async (_, argv) => {
    const at = createInstallation();
    at.writeEnv('TZ=UTC\n');
    expect((await at.run(settings, argv)).fields.STATUS).toBe('failed');
    expect(at.readEnv()).toBe('TZ=UTC\n');
  });
});
