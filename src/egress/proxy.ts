import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, connect as tlsConnect } from 'node:tls';
import type { Clock } from '../clock.js';
import { bundleWith } from '../credentials/ca-bundle.js';
import { CredentialError, type ProxyRoute } from '../credentials/types.js';
import { codeOf, reasonOf } from '../errors.js';

const TRY_AGAIN = 'It is tried again by itself. See that OneCLI runs: ./wharfie credentials --check';

/** Opens a connection to `name:port` through OneCLI's proxy. Throws a CredentialError, which never holds the token. */
export async function connectThrough(
  route: ProxyRoute,
  authority: string,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<Duplex> {
  const { status, socket } = await ask(route, authority, { clock, timeoutMs });
  if (status >= 200 && status < 300) return socket;
  socket.destroy();
  if (status === 407) {
    route.onRefused();
    const message = 'OneCLI does not know the token of this agent any more; a new one is asked for.';
    throw new CredentialError('onecli-no-agent', message, TRY_AGAIN);
  }
  if (status >= 500) throw unreachable(route, `it answers ${status}`);
  const message = `OneCLI does not open a connection to ${authority} (${status}).`;
  throw new CredentialError('onecli-refused', message, "Look at this agent's rules in OneCLI.");
}

function ask(
  route: ProxyRoute,
  authority: string,
  { clock, timeoutMs }: { clock: Clock; timeoutMs: number },
): Promise<{ status: number; socket: Duplex }> {
  const { protocol, hostname, port } = route.url;
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? https : http).request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || (protocol === 'https:' ? 443 : 80),
      path: authority,
      headers: { host: authority, 'proxy-authorization': route.authorization },
      agent: false,
    });
    const deadline = clock.after(timeoutMs, () => request.destroy(new Error('it does not answer in time')));
    request.once('connect', ({ statusCode }, socket, head) => {
      deadline.cancel();
      socket.on('error', () => socket.destroy());
      if (head.length > 0) socket.unshift(head);
      resolve({ status: statusCode ?? 502, socket });
    });
    request.once('error', (error) => {
      deadline.cancel();
      reject(unreachable(route, codeOf(error) || reasonOf(error), error));
    });
    request.end();
  });
}

function unreachable(route: ProxyRoute, why: string, cause?: unknown): CredentialError {
  const message = `OneCLI's gateway at ${route.url.host} cannot be used: ${why}.`;
  return new CredentialError('onecli-unreachable', message, TRY_AGAIN, { cause });
}

/** Keeps TLS connections through one route open between requests. */
export class ProxyAgent extends https.Agent {
  readonly #route: ProxyRoute;
  readonly #deadline: { clock: Clock; timeoutMs: number };
  readonly #trust: SecureContext;

  constructor(route: ProxyRoute, deadline: { clock: Clock; timeoutMs: number }) {
    super({ keepAlive: true });
    this.#route = route;
    this.#deadline = deadline;
    this.#trust = createSecureContext({ ca: bundleWith(route.ca) });
  }

  override createConnection(
    options: https.RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const servername = options.servername ?? options.host ?? '';
    connectThrough(this.#route, `${options.host}:${options.port ?? 443}`, this.#deadline).then(
      (socket) => callback?.(null, tlsConnect({ socket, servername, secureContext: this.#trust })),
      // Node looks at the stream only where there is no error.
      (error: Error) => Reflect.apply(callback ?? (() => {}), undefined, [error]),
    );
  }
}
