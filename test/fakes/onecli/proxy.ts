import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type net from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { FakeAgent, ProxiedRequest } from './types.js';
import type { TestAuthority } from './x509.js';

export interface ProxyDeps {
  authority: TestAuthority;
  agentOf(token: string): FakeAgent | undefined;
  /** Where a host's requests really go, `http://127.0.0.1:<port>`. */
  behind: Record<string, string>;
  tunnels: string[];
  proxied: ProxiedRequest[];
}

/** Answers a CONNECT as OneCLI's gateway does: TLS ends here, under the authority's name, and the key is put on. */
export function takeTunnel(deps: ProxyDeps, request: IncomingMessage, socket: Duplex): void {
  const authority = request.url ?? '';
  const given = /^Basic (.+)$/.exec(request.headers['proxy-authorization'] ?? '')?.[1] ?? '';
  const token = Buffer.from(given, 'base64').toString().split(':').slice(1).join(':');
  const agent = deps.agentOf(token);
  deps.tunnels.push(`${agent?.identifier ?? '?'} ${authority}`);
  socket.on('error', () => socket.destroy());
  if (!agent) {
    socket.end(
      'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="OneCLI Gateway"\r\n\r\n',
    );
    return;
  }
  const host = authority.replace(/:\d+$/, '');
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
  const { cert, key } = deps.authority.issue(host);
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) });
  secure.on('error', () => secure.destroy());
  const server = http.createServer((inner, response) => {
    pass(deps, agent, host, inner, response).catch(() => response.destroy());
  });
  server.emit('connection', secure);
}

async function pass(
  deps: ProxyDeps,
  agent: FakeAgent,
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url: path = '/', headers: before } = request;
  const body = Buffer.concat(await request.toArray());
  const key = agent.secrets.get(host);
  const after = key === undefined ? before : withKey(before, key);
  deps.proxied.push({ agent: agent.identifier, host, method, path, before, after });
  const target = deps.behind[host];
  if (key === undefined || target === undefined) {
    const status = key === undefined ? 401 : 502;
    response.writeHead(status, { 'content-type': 'application/json', 'x-should-retry': 'false' });
    response.end(JSON.stringify({ error: 'credential_not_found', message: `No credentials for ${host}.` }));
    return;
  }
  const onward = http.request(target + path, { method, headers: { ...after, host }, agent: false });
  onward.end(body);
  const [answer]: IncomingMessage[] = await once(onward, 'response');
  if (!answer) throw new Error('no answer');
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
  response.once('close', () => onward.destroy());
}

/** As OneCLI does for Anthropic's secrets: an OAuth token replaces the header, a key is set and the header removed. */
function withKey(headers: IncomingHttpHeaders, key: string): IncomingHttpHeaders {
  const { authorization, ...rest } = headers;
  if (!key.startsWith('sk-ant-oat')) return { ...rest, 'x-api-key': key };
  return authorization === undefined ? headers : { ...rest, authorization: `Bearer ${key}` };
}

/** A server that can go away and come back on its port, with every connection that it has. */
export async function createSwitch(server: http.Server) {
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const off = async () => {
    const closed = server.listening ? once(server, 'close') : Promise.resolve();
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  const on = async () => {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  return { port, on, off };
}
