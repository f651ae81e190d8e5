import http, { type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { sleep } from '../clock.js';
import { reasonOf } from '../errors.js';
import { connectRoute } from './connect-route.js';
import { modelRoute } from './model-route.js';
import { Refusal, refuse } from './refusal.js';
import type { Egress, EgressSession } from './session.js';

const CLIENT_ERRORS: Record<string, number> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

export interface SessionServer {
  readonly http: Server;
  /** Stops listening and ends every connection, tunnels too. */
  shut(): Promise<void>;
}

/** The HTTP server behind one session's socket: the model route, CONNECT, and nothing else. */
export function createSessionServer(egress: Egress, session: EgressSession): SessionServer {
  const { limits } = egress;
  const server = http.createServer({
    maxHeaderSize: limits.headers,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: Math.min(5_000, limits.headersTimeout),
    keepAliveTimeout: 30_000,
    insecureHTTPParser: false,
    requireHostHeader: true,
  });
  server.maxConnections = limits.connections;

  const unanswered = new WeakMap<Duplex, number>();
  /** Node hands over every request that it finds in a connection; a flood of them must not pile up here. */
  const admit = ({ socket }: IncomingMessage, response: http.ServerResponse): boolean => {
    const waiting = (unanswered.get(socket) ?? 0) + 1;
    if (socket.destroyed || waiting > limits.pipelined) {
      socket.destroy();
      return false;
    }
    unanswered.set(socket, waiting);
    response.once('close', () => unanswered.set(socket, (unanswered.get(socket) ?? 1) - 1));
    return true;
  };

  server.on('request', (request, response) => {
    if (!admit(request, response)) return;
    const serve = async () => {
      await ownTurn(egress, session);
      await modelRoute(egress, session, request, response);
    };
    serve().catch((error: unknown) => {
      if (response.destroyed) return;
      const refusal = note(egress, session, `${request.method} ${request.url}`, error);
      refuse(response, refusal);
      discard(request, limits.body);
    });
  });
  server.on('connect', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const authority = request.url ?? '';
    socket.on('error', () => socket.destroy());
    const serve = async () => {
      await ownTurn(egress, session);
      await connectRoute(egress, session, { authority, socket, head });
    };
    serve().catch((error: unknown) => {
      const isAnswered = error instanceof Refusal && error.answered;
      if (socket.destroyed && !isAnswered) return;
      const refusal = note(egress, session, `CONNECT ${authority}`, error);
      if (!isAnswered) socket.end(plainAnswer(refusal));
    });
  });
  // An upgrade would be a door of its own: without a listener Node treats it as a plain request, which is refused.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = CLIENT_ERRORS[error.code ?? ''] ?? 400;
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else {
      const answer = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`;
      socket.end(answer, () => socket.destroy());
    }
  });
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    http: server,
    shut: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Node counts tunnels as connections that it waits for, and closes none of them by itself.
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function note(egress: Egress, session: EgressSession, subject: string, error: unknown): Refusal {
  const { sessionId, agent } = session.config;
  if (!(error instanceof Refusal)) {
    egress.log.error({ session: sessionId, reason: reasonOf(error) }, 'egress failed');
    return new Refusal(502, 'egress-failed', 'The host could not serve this.', { audited: false });
  }
  if (error.audited) {
    const { reason, what } = error;
    egress.denials.record({ session: sessionId, agent: agent.identifier, reason, subject, what });
  }
  return error;
}

/** Reads on without keeping it, so that the client can finish and see the answer; a body without end is cut off. */
function discard(request: IncomingMessage, max: number): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > max) request.destroy();
  });
  request.on('error', () => {});
  request.resume();
}

function plainAnswer({ status, reason, message }: Refusal): string {
  const body = `[wharfie] ${reason}: ${message}\n`;
  return [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? 'Refused'}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

/** Resolves when the session may have one more request served: a container that floods its socket slows itself down. */
async function ownTurn({ clock }: Egress, { pace }: EgressSession): Promise<void> {
  pace.take(1);
  const wait = pace.waitMs();
  if (wait > 0) await sleep(clock, wait);
}
