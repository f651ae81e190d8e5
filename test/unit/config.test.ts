import { describe, expect, it } from 'vitest';
import { defaultMaxContainers, loadConfig } from '../../src/config.js';
import { WharfieError } from '../../src/errors.js';

const GIB = 1024 ** 3;

describe('loadConfig', () => {
  it('keeps the state of an installation together, wherever WHARFIE_HOME says', () => {
    const config = loadConfig({}, { WHARFIE_HOME: '/srv/a', TZ: 'Europe/Berlin' });
    expect(config.paths).toMatchObject({
      data: '/srv/a/data',
      centralDb: '/srv/a/data/v2.db',
      envFile: '/srv/a/.env',
    });
    expect(config.installationId).not.toBe(loadConfig({}, { WHARFIE_HOME: '/srv/b' }).installationId);
  });

  it('prefers the environment to the file, and takes an empty value as none', () => {
    const file = { ASSISTANT_NAME: 'Ada', WHARFIE_IDLE_MINUTES: '3', TZ: 'UTC' };
    const config = loadConfig(file, { ASSISTANT_NAME: 'Eve', WHARFIE_IDLE_MINUTES: '' });
    expect(config.assistantName).toBe('Eve');
    expect(config.idleStopMs).toBe(180_000);
  });

  it('listens for platforms on loopback, and tells them the address without a slash at its end', () => {
    expect(loadConfig({}, {})).toMatchObject({
      webhookHost: '127.0.0.1',
      webhookPort: 3310,
      publicUrl: null,
    });
    const env = {
      WHARFIE_WEBHOOK_HOST: '::1',
      WHARFIE_WEBHOOK_PORT: '8080',
      WHARFIE_PUBLIC_URL: 'https://wharfie.example.org/bot/',
    };
    expect(loadConfig(env, {})).toMatchObject({
      webhookHost: '::1',
      webhookPort: 8080,
      publicUrl: 'https://wharfie.example.org/bot',
    });
  });

  it.each([
    { WHARFIE_WEBHOOK_PORT: '70000' },
    { WHARFIE_WEBHOOK_HOST: 'everywhere' },
    { WHARFIE_PUBLIC_URL: 'wharfie.example.org' },
  ])('refuses %j', (bad) => {
    expect(() => loadConfig(bad, {})).toThrowError(expect.objectContaining({ code: 'config-invalid' }));
  });

  it('reports every problem at once, with name, expected and found', () => {
    const bad = { TZ: 'Mars/Olympus', WHARFIE_MAX_CONTAINERS: '0', WHARFIE_LOG_LEVEL: 'loud' };
    let thrown: unknown;
    try {
      loadConfig(bad, {});
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WharfieError);
    const { code, message, fix } = thrown as WharfieError;
    expect(code).toBe('config-invalid');
    expect(message).toContain('TZ: expected an IANA time zone such as Europe/Berlin, found "Mars/Olympus"');
    expect(message).toContain('WHARFIE_MAX_CONTAINERS: expected a whole number of at least 1, found "0"');
    expect(message).toContain(
      'WHARFIE_LOG_LEVEL: expected one of trace, debug, info, warn, error, found "loud"',
    );
    expect(fix).toContain('.env');
  });
});

describe('defaultMaxContainers', () => {
  it('is one for each GiB, at least 1 and at most 4', () => {
    expect([0.5, 1, 2.9, 4, 64].map((gib) => defaultMaxContainers(gib * GIB))).toEqual([1, 1, 2, 4, 4]);
  });
});
