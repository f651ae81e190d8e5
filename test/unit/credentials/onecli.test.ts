import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOneCliProvider } from '../../../src/credentials/onecli/index.js';
import { createLog } from '../../../src/log/index.js';
import { createMessagesApi } from '../../fakes/messages-api.js';
import { createFakeOneCli } from '../../fakes/onecli.js';
import { ada, bareSpec, bob, modelCall } from './conformance.js';

const HOST = 'api.anthropic.com';
const KEY = 'sk-ant-api03-the-real-key';

async function setUp() {
  const api = await createMessagesApi(() => 'fine');
  const onecli = await createFakeOneCli({ [HOST]: api.url });
  onTestFinished(async () => {
    await onecli.close();
    await api.close();
  });
  onecli.assign(HOST, KEY);
  const file: Record<string, string> = { ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey };
  const lines: string[] = [];
  const log = createLog({ write: (line) => void lines.push(line) }, { level: 'trace' });
  const provider = createOneCliProvider({ envFile: { read: () => file }, fallback: {}, log });
  const start = async (agent = ada, runDir?: string) => {
    await provider.ensureAgent(agent);
    return provider.applyContainerConfig(bareSpec(runDir), agent);
  };
  return { api, onecli, file, lines, provider, start };
}

describe('an agent of OneCLI', () => {
  it('is named by its agent group, in letters that OneCLI takes, and made once', async () => {
    const { onecli, start } = await setUp();
    await start();
    await start();
    expect([...onecli.agents.values()]).toMatchObject([{ name: 'Ada', identifier: 'ag-0a1b2c3d' }]);
    expect(onecli.asked).toEqual([
      'POST /v1/agents',
      'GET /v1/container-config',
      'POST /v1/agents',
      'GET /v1/container-config',
    ]);
  });

  it('calls the model as itself, through a tunnel to the model that carries the placeholder', async () => {
    const { onecli, api, provider, start } = await setUp();
    await start(ada);
    await start(bob);
    expect((await modelCall(provider, bob)).status).toBe(200);
    expect(onecli.tunnels).toEqual([`ag-4e5f6a7b ${HOST}:443`]);
    expect(onecli.proxied[0]?.before['x-api-key']).toBe('placeholder');
    expect(api.calls[0]?.headers['x-api-key']).toBe(KEY);
  });

  it('is asked for again by a host that has just started, which has no start to ask at', async () => {
    const { provider, onecli } = await setUp();
    await provider.ensureAgent(ada);
    await modelCall(provider, ada);
    await modelCall(provider, ada);
    expect(onecli.asked.filter((one) => one.startsWith('GET'))).toHaveLength(1);
  });

  it('goes on with a new token when its old one is refused', async () => {
    const { onecli, provider, start } = await setUp();
    await start();
    onecli.rotateTokens();
    const refused = await modelCall(provider, ada);
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('onecli-no-agent')]);
    expect((await modelCall(provider, ada)).status).toBe(200);
  });

  it('sends an OAuth token as what it is, as soon as it has one', async () => {
    const { onecli, api, provider, start } = await setUp();
    await start();
    onecli.assign(HOST, null);
    expect((await modelCall(provider, ada)).status).toBe(401);
    onecli.assign(HOST, 'sk-ant-oat01-real');
    expect((await modelCall(provider, ada)).status).toBe(200);
    expect(api.calls[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-oat01-real',
      'anthropic-beta': expect.stringContaining('oauth'),
    });
  });
});

describe('what a container gets', () => {
  it('is the authority, a bundle with it and what this machine trusts, and files with placeholders', async () => {
    const { onecli, start } = await setUp();
    const runDir = mkdtempSync(join(tmpdir(), 'wc-'));
    const { env, mounts } = await start(ada, runDir);
    expect(mounts).toHaveLength(1);
    expect(env.NODE_EXTRA_CA_CERTS).toBe('/run/wharfie/onecli-ca.pem');
    for (const name of ['SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO']) {
      expect(env[name]).toBe('/run/wharfie/ca-bundle.pem');
    }
    expect(readFileSync(join(runDir, 'onecli-ca.pem'), 'utf8')).toBe(onecli.ca);
    const bundle = readFileSync(join(runDir, 'ca-bundle.pem'), 'utf8');
    expect(bundle).toContain(onecli.ca);
    expect(bundle.split('BEGIN CERTIFICATE').length).toBeGreaterThan(50);
    expect(statSync(join(runDir, 'ca-bundle.pem')).mode & 0o777).toBe(0o644);
    expect(JSON.parse(env.WHARFIE_STUBS ?? '')).toEqual([
      ['/run/wharfie/stubs/0', '/home/node/.codex/auth.json'],
    ]);
    expect(readFileSync(join(runDir, 'stubs', '0'), 'utf8')).toContain('onecli-managed');
  });

  it('is never the way to the proxy: no address, no token, in no variable and no file', async () => {
    const { onecli, start } = await setUp();
    const { env } = await start();
    expect(Object.keys(env).filter((name) => /^(https?|all)_proxy$/i.test(name))).toEqual([]);
    const token = onecli.agents.get('ag-0a1b2c3d')?.token ?? 'none';
    for (const secret of [token, onecli.gateway, onecli.apiKey])
      expect(JSON.stringify(env)).not.toContain(secret);
    expect(env.NODE_USE_ENV_PROXY).toBe('1');
  });
});

describe('what is wrong with OneCLI', () => {
  it.each([
    ['down', 'onecli-unreachable', 'does not answer'],
    [503, 'onecli-unreachable', 'answers 503'],
    [401, 'onecli-key-refused', 'refuses the key'],
    ['forgetful', 'onecli-no-agent', 'knows no agent "ag-0a1b2c3d" (Ada)'],
  ] as const)('%s: does not start, and says %s', async (mode, code, part) => {
    const { onecli, start, lines } = await setUp();
    await onecli.setMode(mode);
    const failed = await start().catch((error: unknown) => error);
    expect(failed).toMatchObject({ code, message: expect.stringContaining(part) });
    expect(JSON.stringify([failed, String(failed), lines])).not.toContain(onecli.apiKey);
    await onecli.setMode('up');
    expect((await start()).env.ANTHROPIC_API_KEY).toBe('placeholder');
  });

  it.each([
    ['down', 'onecli-unreachable'],
    [503, 'onecli-unreachable'],
  ] as const)(
    'its gateway alone is %s: the call fails as an outage, and works afterwards',
    async (mode, code) => {
      const { onecli, provider, start } = await setUp();
      await start();
      await onecli.setGateway(mode);
      const failed = await modelCall(provider, ada);
      expect([failed.status, failed.text]).toEqual([503, expect.stringContaining(code)]);
      expect(failed.text).not.toContain(onecli.agents.get('ag-0a1b2c3d')?.token);
      await onecli.setGateway('up');
      expect((await modelCall(provider, ada)).status).toBe(200);
    },
  );

  it('no secret: says whom to assign one to', async () => {
    const { onecli, provider, start } = await setUp();
    await start();
    onecli.assign(HOST, null);
    const { status, text } = await modelCall(provider, ada);
    expect(status).toBe(401);
    expect(JSON.parse(text).error.message).toContain('Assign a secret to agent Ada (ag-0a1b2c3d)');
  });

  it.each([
    [{ ONECLI_URL: '' }, 'ONECLI_URL'],
    [{ ONECLI_URL: 'ftp://x' }, 'ONECLI_URL'],
    [{ ONECLI_URL: 'http://user:secret@x' }, 'ONECLI_URL'],
    [{ ONECLI_API_KEY: '' }, 'ONECLI_API_KEY'],
  ])('settings %j are said to be missing', async (change, name) => {
    const { file, provider } = await setUp();
    Object.assign(file, change);
    expect(provider.missing()).toMatchObject({
      code: 'credential-missing',
      message: expect.stringContaining(name),
    });
    expect(provider.missing()?.message).not.toContain('secret');
  });

  it('an upstream without TLS cannot be had through OneCLI, and says so', async () => {
    const { file, provider, start } = await setUp();
    await start();
    file.ANTHROPIC_BASE_URL = 'http://127.0.0.1:9';
    await expect(provider.modelUpstream(ada)).rejects.toMatchObject({ code: 'credential-missing' });
    expect(provider.missing()?.message).toContain('not an https address');
  });
});
