import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createFaults, type Faults } from './discord/faults.js';

/** One request to a fake platform, its body taken apart. */
export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string;
  /** The header by which a platform knows a request that it has carried out before; empty: it has none. */
  idempotencyKey: string;
  /** The fields of a JSON body, of a form, or of a multipart form. */
  fields: Record<string, unknown>;
  files: { field: string; name: string; type: string; data: Buffer }[];
  /** The body as it came. */
  data: Buffer;
  /** Resolves when the other side has gone away. */
  gone: Promise<void>;
}

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export interface PlatformServerOptions {
  /** How the request is named in the log and for faults; without anything secret. */
  nameOf(call: Call): string;
  /** A Buffer is sent as it is; null: no answer ever comes. */
  answer(call: Call): Promise<Answer | Buffer | null> | Answer | Buffer | null;
}

/** A platform's HTTP side on loopback: a log of what arrived, faults, and a machine that can vanish. */
export interface PlatformServer {
  readonly server: Server;
  origin(): string;
  readonly faults: Faults;
  readonly requests: string[];
  /** The fields of the requests, in the same order. */
  readonly bodies: Record<string, unknown>[];
  /** Resolves when `check` holds; looked at after each request. */
  until(check: () => boolean): Promise<void>;
  /** Breaks the connections that are open. */
  cut(): void;
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

export async function createPlatformServer(options: PlatformServerOptions): Promise<PlatformServer> {
  const faults = createFaults();
  const requests: string[] = [];
  const bodies: Record<string, unknown>[] = [];
  const changed = new EventEmitter().setMaxListeners(0);
  let port = 0;
  const origin = () => `http://127.0.0.1:${port}`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await callOf(request, response, origin());
    const name = options.nameOf(call);
    requests.push(name);
    bodies.push(call.fields);
    setImmediate(() => changed.emit('change'));
    const fault = faults.take(name);
    if (fault?.kind === 'answer') return reply(response, { body: {}, ...fault });
    if (fault?.kind === 'cut' && !fault.done) return void request.socket.destroy();
    const answer = await options.answer(call);
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (answer === null || fault?.kind === 'hang') return;
    if (Buffer.isBuffer(answer)) response.writeHead(200).end(answer);
    else reply(response, answer);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) =>
      reply(response, { status: 500, body: { message: String(error) } }),
    );
  });
  // Ended after 5 s by default, as one that is just used again: a machine that stalled would see broken sends.
  server.keepAliveTimeout = 120_000;
  port = await listen(server, 0);

  return {
    server,
    origin,
    faults,
    requests,
    bodies,
    until(check) {
      return new Promise((resolve) => {
        const look = () => {
          if (!check()) return;
          changed.off('change', look);
          resolve();
        };
        changed.on('change', look);
        look();
      });
    },
    cut: () => server.closeAllConnections(),
    goDown: () => shut(server),
    async comeUp() {
      await listen(server, port);
    },
    close: () => shut(server),
  };
}

/** Listens on loopback; port 0: on a free one. Resolves with the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** Closes a server with the connections that are open; it may listen again. */
export async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

async function callOf(request: IncomingMessage, response: ServerResponse, origin: string): Promise<Call> {
  const url = new URL(request.url ?? '/', origin);
  const data = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  const call: Call = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    authorization: request.headers.authorization ?? '',
    idempotencyKey: String(request.headers['idempotency-key'] ?? ''),
    fields: {},
    files: [],
    data,
    gone: new Promise((resolve) => response.once('close', resolve)),
  };
  if (type.startsWith('application/json')) call.fields = JSON.parse(data.toString() || '{}');
  if (type.startsWith('application/x-www-form-urlencoded')) {
    call.fields = Object.fromEntries(new URLSearchParams(data.toString()));
  }
  if (!type.startsWith('multipart/')) return call;
  const form = await new Response(data, { headers: { 'content-type': type } }).formData();
  for (const [field, value] of form) {
    if (typeof value === 'string') call.fields[field] = value;
    else {
      const { name, type: kind } = value;
      call.files.push({ field, name, type: kind, data: Buffer.from(await value.arrayBuffer()) });
    }
  }
  return call;
}

function reply(
  response: ServerResponse,
  { status, body, headers = {} }: Partial<Answer> & { status: number },
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
