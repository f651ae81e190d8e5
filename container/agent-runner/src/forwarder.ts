import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { forwardRequest } from './forwarder/request.ts';
import type { ForwarderDeps } from './forwarder/retry.ts';
import { forwardTunnel } from './forwarder/tunnel.ts';

export interface Forwarder {
  /** `http://127.0.0.1:<port>`: model base URL and HTTP(S) proxy in one. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The way from programs that speak TCP to the host's unix socket. While the host is away (it restarts, it is not up
 * yet) requests wait for it, up to `waitMs`, and one that got no byte of an answer is sent again: nobody here notices.
 */
export async function createForwarder(deps: ForwarderDeps): Promise<Forwarder> {
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 });
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => void forwardRequest(deps, request, response));
  server.on('connect', (request, socket, head) => void forwardTunnel(deps, request.url ?? '', socket, head));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
