import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../src/clock.js';
import type { CredentialProvider } from '../../../src/credentials/types.js';
import { createEgressGateway, type EgressDenial } from '../../../src/egress/index.js';
import type { EgressLimits } from '../../../src/egress/limits.js';
import type { Network } from '../../../src/egress/network.js';
import { createRunDirs } from '../../../src/egress/run-dir.js';
import type { SessionConfig } from '../../../src/egress/session.js';
import { createLog } from '../../../src/log/index.js';
import { createFakeClock } from '../../fakes/clock.js';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export const REAL_KEY = 'sk-ant-real-key';

/** A gateway on a folder of its own, in front of `upstream`, with names and addresses made up. */
export function createHarness(options: {
  upstream?: string;
  limits?: Partial<EgressLimits>;
  clock?: Clock;
  names?: Record<string, string[]>;
  /** The loopback port that every outside address leads to. */
  outside?: number;
  runRoot?: string;
  /** The networks that this machine stands in, made up too. */
  subnets?: () => string[];
  /** The machine's real network instead. */
  network?: Network;
}) {
  const audit: EgressDenial[] = [];
  const lines: string[] = [];
  const refused: boolean[] = [];
  const connected: string[] = [];
  const key = { value: REAL_KEY };
  const credentials: CredentialProvider = {
    kind: 'static',
    missing: () => null,
    ensureAgent: async () => {},
    applyContainerConfig: async (spec) => spec,
    modelUpstream: async () => ({
      baseUrl: new URL(options.upstream ?? 'http://127.0.0.1:9'),
      headers: { 'x-api-key': key.value, 'anthropic-beta': 'oauth-test' },
    }),
    proxyFor: async () => null,
    onRefused: (now) => void refused.push(now),
  };
  const runRoot = options.runRoot ?? join(mkdtempSync(join(tmpdir(), 'we-')), 'w');
  const gateway = createEgressGateway({
    credentials,
    runDirs: createRunDirs({ installation: '0a1b2c3d', roots: [runRoot] }),
    audit: (row) => void audit.push(row),
    clock: options.clock ?? createFakeClock(),
    log: createLog({ write: (line) => void lines.push(line) }, { level: 'debug' }),
    ...(options.limits ? { limits: options.limits } : {}),
    network: options.network ?? {
      resolve: async (name) => options.names?.[name] ?? [],
      connect: (address, port) => {
        connected.push(`${address}:${port}`);
        return net.connect({ host: '127.0.0.1', port: options.outside ?? 9 });
      },
      ownSubnets: () => options.subnets?.() ?? [],
    },
  });
  const open = async (change: Partial<SessionConfig> = {}) => {
    const { runDir } = await gateway.open({ ...session, ...change });
    return join(runDir, 'egress.sock');
  };
  return { gateway, open, audit, lines, refused, connected, credentials, key, runRoot };
}

export const session: SessionConfig = {
  sessionId: 'ses_1',
  agent: { name: 'Andy', identifier: 'ag_1' },
  egress: 'model',
  serverTools: [],
  owner: null,
};

const MESSAGES = '/v1/messages?beta=true';

/** The least that the API takes: one message. */
export const HELLO = [{ role: 'user', content: 'hello' }];

/** One plain request through a socket. */
export async function call(
  socketPath: string,
  options: { path?: string; method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answer> {
  const { path = MESSAGES, method = 'POST', headers = {}, body = { model: 'm', messages: HELLO } } = options;
  const outgoing = request({ socketPath, path, method, headers, agent: false });
  outgoing.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text };
}

/** Opens a tunnel: the first line of the answer, the rest of its head and body, and the connection. */
export async function tunnel(socketPath: string, authority: string) {
  const socket = net.connect(socketPath);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n\r\n`);
  const [first] = await once(socket, 'data');
  const text = String(first);
  return { status: Number(text.split(' ')[1]), text, socket };
}

/** A TCP server on loopback that answers everything with itself. */
export async function createEcho(): Promise<{ port: number; server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, server, sockets };
}

/**
 * Stands in front of a server on loopback and writes down what it is told: once TLS has taken a socket over, nothing
 * else hears what arrives there.
 */
export async function createListener(
  port: number,
): Promise<{ port: number; heard: Buffer[]; server: Server }> {
  const heard: Buffer[] = [];
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
    near.on('data', (said) => heard.push(said));
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, heard, server };
}
