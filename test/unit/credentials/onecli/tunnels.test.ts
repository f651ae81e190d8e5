import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as tlsConnect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOneCliProvider } from '../../../../src/credentials/onecli/index.js';
import { silentLog } from '../../../fakes/log.js';
import { createFakeOneCli } from '../../../fakes/onecli.js';
import { createHarness, session, tunnel } from '../../egress/harness.js';

const NAMES = {
  'github.example': ['93.184.216.34'],
  'inside.example': ['10.0.0.1'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
  'api.anthropic.com': ['160.79.104.10'],
};

/** A gateway whose tunnels go through OneCLI, in front of a web server that tells which key it was shown. */
async function setUp() {
  const site = createServer((request, response) => response.end(`shown ${request.headers['x-api-key']}`));
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  const behind = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const onecli = await createFakeOneCli({ 'github.example': behind });
  onecli.assign('github.example', 'the-real-token');
  const harness = createHarness({ names: NAMES });
  const file = { ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey };
  const provider = createOneCliProvider({ envFile: { read: () => file }, fallback: {}, log: silentLog });
  Object.assign(harness.credentials, provider);
  await provider.ensureAgent(session.agent);
  onTestFinished(async () => {
    await harness.gateway.stop();
    await onecli.close();
    site.close();
  });
  return { ...harness, onecli };
}

describe('a tunnel with OneCLI', () => {
  it('goes through its proxy by name, as the agent of the session, and carries no token of ours', async () => {
    const { open, onecli, connected } = await setUp();
    const { status, socket } = await tunnel(await open({ egress: 'web' }), 'github.example:443');
    expect(status).toBe(200);
    expect(onecli.tunnels).toEqual(['ag-1 github.example:443']);
    expect(connected).toEqual([]);
    const secure = tlsConnect({ socket, servername: 'github.example', ca: onecli.ca });
    secure.write(
      'GET / HTTP/1.1\r\nhost: github.example\r\nx-api-key: placeholder\r\nconnection: close\r\n\r\n',
    );
    let said = '';
    for await (const chunk of secure) said += String(chunk);
    expect(said).toContain('shown the-real-token');
  });

  it.each([
    ['model', 'github.example:443', 'egress-policy-model'],
    [['other.example'], 'github.example:443', 'egress-not-listed'],
    ['web', 'github.example:22', 'egress-port'],
    ['web', 'inside.example:443', 'egress-address'],
    ['web', 'mixed.example:443', 'egress-address'],
    [['*.example'], 'inside.example:443', 'egress-list-too-wide'],
    [['inside.example'], 'inside.example:443', 'egress-address'],
    ['web', '127.0.0.1:443', 'egress-address'],
    ['web', 'api.anthropic.com:443', 'egress-model-host'],
    [['api.anthropic.com'], 'api.anthropic.com:443', 'egress-model-host'],
  ] as const)(
    '%j: CONNECT %s is refused here (%s), and OneCLI never hears of it',
    async (egress, name, reason) => {
      const { open, onecli, audit } = await setUp();
      const policy = typeof egress === 'string' ? egress : [...egress];
      const { status, text } = await tunnel(await open({ egress: policy }), name);
      expect([status, text]).toEqual([403, expect.stringContaining(reason)]);
      expect(onecli.tunnels).toEqual([]);
      expect(audit).toMatchObject([{ subject: `CONNECT ${name}`, detail: { reason } }]);
    },
  );

  it.each([
    ['another name', { servername: 'other.example' }],
    ['no name', {}],
  ])('with %s in TLS ends before OneCLI is told a word of it', async (_, options) => {
    const { open, onecli, audit } = await setUp();
    const { socket } = await tunnel(await open({ egress: 'web' }), 'github.example:443');
    const secure = tlsConnect({ socket, ca: onecli.ca, ...options });
    const [error] = await once(secure, 'error');
    expect(String(error)).toContain('access denied');
    expect(audit).toMatchObject([{ detail: { reason: 'egress-tls-name' } }]);
    expect(onecli.proxied).toEqual([]);
  });

  it('is not made past OneCLI while that is away', async () => {
    const { open, onecli, connected } = await setUp();
    const door = await open({ egress: 'web' });
    await onecli.setGateway('down');
    const { status, text } = await tunnel(door, 'github.example:443');
    expect([status, text]).toEqual([503, expect.stringContaining('onecli-unreachable')]);
    await onecli.setMode('down');
    expect(
      (
        await tunnel(
          await open({ egress: 'web', agent: { name: 'New', identifier: 'ag_2' } }),
          'github.example:443',
        )
      ).status,
    ).toBe(503);
    expect(connected).toEqual([]);
  });
});
