import { randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { createApprovals } from './onecli/approvals.js';
import { createSwitch, takeTunnel } from './onecli/proxy.js';
import type { FakeAgent, FakeMode, FakeOneCli, ProxiedRequest } from './onecli/types.js';
import { createTestAuthority } from './onecli/x509.js';

export type * from './onecli/types.js';

const CA_PATH = '/tmp/onecli-gateway-ca.pem';
const IDENTIFIER = /^[a-z0-9][a-z0-9-]{0,49}$/;

/**
 * OneCLI on loopback, as its own sources answer: the control API (agents, container configuration, where the gateway
 * is) on one port, and on another the gateway: approvals, and a CONNECT proxy that ends TLS with an authority of its own
 * and puts the real key in the place of the placeholder. `behind`: where the requests of a host really go.
 */
export async function createFakeOneCli(behind: Record<string, string>): Promise<FakeOneCli> {
  const authority = createTestAuthority();
  const apiKey = `oc_${randomBytes(12).toString('hex')}`;
  const agents = new Map<string, FakeAgent>();
  const assigned = new Map<string, string>();
  const [asked, tunnels, proxied]: [string[], string[], ProxiedRequest[]] = [[], [], []];
  const newToken = () => `aoc_${randomBytes(16).toString('hex')}`;
  let mode: FakeMode = 'up';
  let gatewayMode: 'up' | 'down' | 503 = 'up';

  const control = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    asked.push(`${request.method} ${url.pathname}`);
    const body = String(Buffer.concat(await request.toArray()));
    if (mode === 'silent') return;
    if (typeof mode === 'number') return answer(response, mode, { error: 'as it was told' });
    if (request.headers.authorization !== `Bearer ${apiKey}`) return answer(response, 401, { error: 'key' });
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /v1/gateway-url') return answer(response, 200, { url: `http://${gateway}` });
    if (route === 'POST /v1/agents') {
      const { name, identifier } = JSON.parse(body);
      if (!IDENTIFIER.test(identifier) || !name) return answer(response, 400, { error: 'identifier' });
      if (agents.has(identifier)) return answer(response, 409, { error: 'exists' });
      if (mode === 'up')
        agents.set(identifier, { name, identifier, token: newToken(), secrets: new Map(assigned) });
      return answer(response, 201, { id: identifier, name, identifier, createdAt: new Date().toISOString() });
    }
    if (route !== 'GET /v1/container-config') return answer(response, 404, { error: 'route' });
    const agent = agents.get(url.searchParams.get('agent') ?? '');
    if (!agent) return answer(response, 404, { code: 'AGENT_NOT_FOUND' });
    return answer(response, 200, configOf(agent, gateway, authority.ca));
  };
  const approvals = createApprovals(apiKey);
  const controlServer = http.createServer((request, response) => {
    control(request, response).catch(() => response.destroy());
  });
  const gatewayServer = http.createServer(approvals.take);
  gatewayServer.on('connect', (request, socket) => {
    const agentOf = (token: string) => [...agents.values()].find((agent) => agent.token === token);
    if (gatewayMode === 503) return void socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    takeTunnel({ authority, agentOf, behind, tunnels, proxied }, request, socket);
  });
  const [controls, gateways] = [await createSwitch(controlServer), await createSwitch(gatewayServer)];
  const gateway = `127.0.0.1:${gateways.port}`;

  return {
    ...{ url: `http://127.0.0.1:${controls.port}`, gateway, apiKey, ca: authority.ca },
    ...{ agents, asked, tunnels, proxied, decisions: approvals.decisions, hold: approvals.hold },
    async setMode(next) {
      mode = next;
      await (next === 'down' ? controls.off() : controls.on());
    },
    async setGateway(next) {
      gatewayMode = next;
      await (next === 'down' ? gateways.off() : gateways.on());
    },
    assign(host, key) {
      if (key === null) assigned.delete(host);
      else assigned.set(host, key);
      for (const { secrets } of agents.values()) {
        if (key === null) secrets.delete(host);
        else secrets.set(host, key);
      }
    },
    rotateTokens() {
      for (const agent of agents.values()) agent.token = newToken();
    },
    async close() {
      approvals.close();
      await Promise.all([controls.off(), gateways.off()]);
    },
  };
}

function configOf(agent: FakeAgent, gateway: string, ca: string) {
  const proxy = `http://x:${agent.token}@${gateway}`;
  const oauth = [...agent.secrets.values()].some((key) => key.startsWith('sk-ant-oat'));
  return {
    env: {
      ...{ HTTPS_PROXY: proxy, HTTP_PROXY: proxy, https_proxy: proxy, http_proxy: proxy },
      ...{ NODE_EXTRA_CA_CERTS: CA_PATH, NODE_USE_ENV_PROXY: '1', GIT_TERMINAL_PROMPT: '0' },
      ...(oauth ? { CLAUDE_CODE_OAUTH_TOKEN: 'placeholder' } : { ANTHROPIC_API_KEY: 'placeholder' }),
      CODEX_HOME: '/home/node/.codex',
    },
    caCertificate: ca,
    caCertificateContainerPath: CA_PATH,
    credentialStubs: [
      { containerPath: '/home/node/.codex/auth.json', content: '{"token":"onecli-managed"}' },
    ],
  };
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
