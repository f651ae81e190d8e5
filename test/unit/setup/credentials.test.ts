import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { credentials } from '../../../setup/credentials.js';
import { createInstallation, secretsOf } from './harness.js';

const KEY = 'sk-ant-api03-not-a-real-key-0000';
const provide = ['--provider', 'static'];

/** A model API that takes one key and refuses every other. */
async function api(taken: string, status = 200) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const key = String(request.headers['x-api-key'] ?? request.headers.authorization);
    asked.push(key);
    response.writeHead(key === taken ? status : 401).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return { asked, url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}` };
}

describe('credentials', () => {
  it('verifies the key before it keeps it, never shows it, and does nothing the second time', async () => {
    const at = createInstallation();
    const { url, asked } = await api(KEY);
    const secrets = secretsOf({ ANTHROPIC_API_KEY: KEY });
    const first = await at.run(credentials, [...provide, '--base-url', url], { secrets });
    expect(first).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'success', HOST_CHECK: 'accepted', CONTAINER_CHECK: 'skipped', STORED: '.env' },
    });
    expect(asked).toEqual([KEY]);
    expect(at.readEnv()).toBe(`ANTHROPIC_API_KEY=${KEY}\nANTHROPIC_BASE_URL=${url}\n`);
    expect([first.output, ...at.said, ...at.logged].join('\n')).not.toContain(KEY);
    expect((await at.run(credentials, provide, { secrets })).fields).toMatchObject({ STATUS: 'skipped' });
    expect(await at.run(credentials, ['--check'])).toMatchObject({ exitCode: 0, fields: { API: `${url}/` } });
  });

  it('keeps nothing that is refused', async () => {
    const at = createInstallation();
    const { url } = await api('another');
    at.writeEnv('ANTHROPIC_API_KEY=another\n');
    const refused = await at.run(credentials, [...provide, '--base-url', url], {
      secrets: secretsOf({ ANTHROPIC_API_KEY: KEY }),
    });
    expect(refused).toMatchObject({ exitCode: 1, fields: { ERROR: 'credential-refused' } });
    expect(refused.output).not.toContain(KEY);
    expect(at.readEnv()).toBe('ANTHROPIC_API_KEY=another\n');
  });

  it.each([429, 404])('counts the key as taken when the API says %i', async (status) => {
    const at = createInstallation();
    const { url } = await api(KEY, status);
    at.writeEnv(`ANTHROPIC_API_KEY=${KEY}\nANTHROPIC_BASE_URL=${url}\n`);
    expect((await at.run(credentials, ['--check'])).exitCode).toBe(0);
  });

  it.each([503, 302])('says that the API cannot be asked when it says %i', async (status) => {
    const at = createInstallation();
    const { url } = await api(KEY, status);
    at.writeEnv(`ANTHROPIC_API_KEY=${KEY}\nANTHROPIC_BASE_URL=${url}\n`);
    expect((await at.run(credentials, ['--check'])).fields).toMatchObject({ ERROR: 'api-unreachable' });
  });

  it('empties the other kinds of key, one of which would win', async () => {
    const at = createInstallation();
    const token = 'sk-ant-oat01-not-a-real-token';
    const { url } = await api(`Bearer ${token}`);
    at.writeEnv(`ANTHROPIC_API_KEY=old\nANTHROPIC_BASE_URL=${url}\n`);
    const answered = secretsOf({ ANTHROPIC_API_KEY: token }, true);
    expect((await at.run(credentials, provide, { secrets: answered })).exitCode).toBe(0);
    expect(at.readEnv()).toBe(
      `ANTHROPIC_API_KEY=\nANTHROPIC_BASE_URL=${url}\nCLAUDE_CODE_OAUTH_TOKEN=${token}\n`,
    );
  });

  it('verifies the present key where none is given, and asks where there is none', async () => {
    const at = createInstallation();
    expect(await at.run(credentials, provide)).toMatchObject({
      exitCode: 3,
      fields: { STATUS: 'needs_input', QUESTION: expect.stringContaining('terminal of your own') },
    });
    expect(await at.run(credentials, ['--check'])).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'credential-missing' },
    });
    const { url } = await api(KEY);
    at.writeEnv(`ANTHROPIC_API_KEY=${KEY}\nANTHROPIC_BASE_URL=${url}\n`);
    expect((await at.run(credentials, provide)).fields).toMatchObject({
      STATUS: 'skipped',
      STORED: 'unchanged',
    });
  });

  it.each([
    ['OneCLI without its address', ['--provider', 'onecli'], null, 'missing-flag'],
    ["OneCLI's address for another provider", [...provide, '--url', 'http://x'], null, 'conflicting-flags'],
    ['an unknown provider', ['--provider', 'magic'], null, 'invalid-value'],
    ['no provider', [], null, 'missing-flag'],
    ['an address with a password', [...provide, '--base-url', 'http://a:b@c'], null, 'invalid-value'],
    ['an address of another kind', [...provide, '--base-url', 'file:///x'], null, 'invalid-value'],
    ['a key of another service', provide, { ANTHROPIC_API_KEY: 'xoxb-12345-67890' }, 'invalid-secret'],
    ['a token under the name of a key', provide, { ANTHROPIC_API_KEY: 'sk-ant-oat01-xyz' }, 'invalid-secret'],
    ['a key with a space', provide, { ANTHROPIC_API_KEY: 'sk-ant-api03 xyz' }, 'invalid-secret'],
    ['two keys', provide, { ANTHROPIC_API_KEY: KEY, ANTHROPIC_AUTH_TOKEN: KEY }, 'invalid-secret'],
  ])('refuses %s with exit 4 and writes nothing', async (_, argv, given, code) => {
    const at = createInstallation();
    const refused = await at.run(credentials, argv, { secrets: secretsOf(given) });
    expect(refused).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    for (const secret of Object.values(given ?? {})) expect(refused.output).not.toContain(secret);
    expect(existsSync(at.paths.envFile)).toBe(false);
  });
});
