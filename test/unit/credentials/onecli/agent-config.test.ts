import { describe, expect, it } from 'vitest';
import { agentConfig } from '../../../../src/credentials/onecli/agent-config.js';
import { createTestAuthority } from '../../../fakes/onecli/x509.js';

const settings = {
  url: new URL('http://onecli.local:10254'),
  apiKey: 'oc_secret',
  projectId: '',
  gatewayUrl: '',
};
const caCertificate = createTestAuthority().ca;

const answer = (env: Record<string, string> = {}, more: object = {}) => ({
  env: { HTTPS_PROXY: 'http://x:aoc_token@gateway.local:10255', ...env },
  caCertificate,
  caCertificateContainerPath: '/tmp/onecli-gateway-ca.pem',
  ...more,
});
const parse = (env?: Record<string, string>, more?: object) => agentConfig(answer(env, more), settings);

describe('what OneCLI gives for an agent', () => {
  it('is a proxy with the token beside it, and placeholders', () => {
    const { proxy, env } = parse({ ANTHROPIC_API_KEY: 'placeholder', GIT_TERMINAL_PROMPT: '0' });
    expect(proxy.url.href).toBe('http://gateway.local:10255/');
    expect(Buffer.from(proxy.authorization.slice(6), 'base64').toString()).toBe('x:aoc_token');
    expect(env).toEqual({ ANTHROPIC_API_KEY: 'placeholder', GIT_TERMINAL_PROMPT: '0' });
  });

  it('names the machine as its containers would, which from here is where OneCLI answers', () => {
    const HTTPS_PROXY = 'http://x:aoc_token@host.docker.internal:10255';
    expect(parse({ HTTPS_PROXY }).proxy.url.host).toBe('onecli.local:10255');
  });

  it.each([
    'http_proxy',
    'ALL_PROXY',
    'WHARFIE_MODE',
    'HOME',
    'PATH',
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'BASH_ENV',
    'ANTHROPIC_BASE_URL',
    'a b',
    '',
  ])('does not set %j', (name) => {
    expect(parse({ [name]: 'x' }).env).toEqual({});
  });

  it.each(['Bearer aoc_token', 'oc_secret', 'a\0b', 'x'.repeat(10_001), '/tmp/onecli-gateway-ca.pem'])(
    'does not hand on the value %j',
    (value) => {
      expect(parse({ NAME: value }).env).toEqual({});
    },
  );

  it.each([
    ['/home/node/.codex/auth.json', 1],
    ['/tmp/stub', 1],
    ['/etc/passwd', 0],
    ['/home/node/../../etc/passwd', 0],
    ['/home/node/./x', 0],
    ['/home/nodex/y', 0],
    ['relative', 0],
    ['/workspace/agent/CLAUDE.md', 0],
  ])('a stub at %s: %i', (containerPath, count) => {
    const credentialStubs = [{ containerPath, content: '{}' }];
    expect(parse({}, { credentialStubs }).stubs).toHaveLength(count);
  });

  it('never puts the token into a file', () => {
    const credentialStubs = [{ containerPath: '/tmp/stub', content: '{"key":"aoc_token"}' }];
    expect(parse({}, { credentialStubs }).stubs).toEqual([]);
  });

  it.each([
    ['no object', null],
    ['no certificate', { ...answer(), caCertificate: 'x' }],
    ['a proxy without a token', answer({ HTTPS_PROXY: 'http://gateway.local:1' })],
    ['a proxy of another kind', answer({ HTTPS_PROXY: 'socks5://x:y@gateway.local:1' })],
    ['no proxy', answer({ HTTPS_PROXY: '' })],
    ['values that are no text', { ...answer(), env: { A: 1 } }],
  ])('%s cannot be used, and says so without a secret', (_, given) => {
    const attempt = () => agentConfig(given, settings);
    expect(attempt).toThrow(/cannot be used/);
    expect(attempt).not.toThrow(/aoc_token|oc_secret/);
  });
});
