import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { codeOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { outliveErrors } from '../../log/server-errors.js';
import { ChannelStartError } from '../adapter.js';

export interface ListenerLimits {
  /** Milliseconds within which the head of a request has to be there, and all of it. */
  headersMs: number;
  requestMs: number;
  connections: number;
}

export interface ListenerDeps {
  fetch: Parameters<typeof getRequestListener>[0];
  host: string;
  port: number;
  log: Log;
  limits: ListenerLimits;
}

export interface Listener {
  /** Listens; does nothing where it does so already. Rejects with a ChannelStartError. */
  start(): Promise<void>;
  /** Ends every connection. */
  stop(): Promise<void>;
  port(): number | null;
}

/** A TCP port with an HTTP server behind it that no slow or greedy client can hold for long. */
export function createListener(deps: ListenerDeps): Listener {
  const { host, port, log, limits } = deps;
  let running: Server | null = null;

  return {
    async start() {
      if (running) return;
      const server = createServer(
        {
          headersTimeout: limits.headersMs,
          requestTimeout: limits.requestMs,
          connectionsCheckingInterval: Math.min(limits.headersMs, 2000),
        },
        // Its own Request and Response would take the place of Node's in the whole process.
        getRequestListener(deps.fetch, { overrideGlobalObjects: false }),
      );
      server.maxConnections = limits.connections;
      server.listen({ host, port });
      try {
        await once(server, 'listening');
      } catch (error) {
        throw startError(error, host, port);
      }
      outliveErrors(server, log, 'webhooks');
      running = server;
      log.info({ host, port: portOf(server) }, 'webhooks listen');
    },
    async stop() {
      if (!running) return;
      const server = running;
      running = null;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      log.info({ host, port }, 'webhooks listen no more');
    },
    port: () => running && portOf(running),
  };
}

function portOf(server: Server): number | null {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : null;
}

function startError(error: unknown, host: string, port: number): ChannelStartError {
  const point = 'Then point the tunnel or reverse proxy there, and restart the host.';
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return new ChannelStartError(
        'webhook-port-taken',
        `Another program listens on port ${port} of ${host}.`,
        `Set WHARFIE_WEBHOOK_PORT in .env to a port that is free. ${point}`,
        { cause: error },
      );
    case 'EACCES':
      return new ChannelStartError(
        'webhook-port-refused',
        `This user may not listen on port ${port}.`,
        `Set WHARFIE_WEBHOOK_PORT in .env to a port above 1023. ${point}`,
        { cause: error },
      );
    default:
      return new ChannelStartError(
        'webhook-host-refused',
        `Webhooks cannot listen on ${host} (${codeOf(error) || 'no code'}).`,
        `Set WHARFIE_WEBHOOK_HOST in .env to an address of this machine, such as 127.0.0.1. ${point}`,
        { cause: error },
      );
  }
}
