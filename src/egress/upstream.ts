import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Clock } from '../clock.js';
import { CredentialError, type ProxyRoute } from '../credentials/types.js';
import { codeOf } from '../errors.js';
import { shortHash } from '../ids.js';
import { proxyingAgent } from '../network/index.js';
import { ProxyAgent } from './proxy.js';

export interface UpstreamRequest {
  /** Default: POST. */
  method?: 'GET' | 'POST';
  url: URL;
  headers: OutgoingHttpHeaders;
  body: Buffer;
  signal: AbortSignal;
  /** Left out: straight to the URL; else the URL is an https one. */
  via?: ProxyRoute | undefined;
}

export interface UpstreamClient {
  /**
   * Asks and resolves with the answer once it begins. Redirects are answers, not followed. Rejects with a CredentialError
   * where a proxy on the way fails.
   */
  send(request: UpstreamRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Routes whose connections are kept; one a group of agents. */
const MOST_ROUTES = 64;

/** Keeps connections to the model API open between requests, each route on its own. */
export function createUpstreamClient({
  clock,
  timeoutMs,
}: {
  clock: Clock;
  timeoutMs: number;
}): UpstreamClient {
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true });
  const routes = new Map<string, ProxyAgent>();

  const agentFor = ({ url, via }: UpstreamRequest): http.Agent => {
    if (!via) return proxyingAgent() ?? (url.protocol === 'https:' ? secure : plain);
    const key = shortHash(JSON.stringify([via.url.href, via.authorization, via.ca]), 32);
    const agent = routes.get(key) ?? new ProxyAgent(via, { clock, timeoutMs });
    // Re-inserted at the end, so that the first one is the longest unused.
    routes.delete(key);
    routes.set(key, agent);
    const [[oldest, unused] = []] = routes;
    if (routes.size > MOST_ROUTES && oldest !== undefined) {
      routes.delete(oldest);
      unused?.destroy();
    }
    return agent;
  };
  const once = (asked: UpstreamRequest) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { url, method = 'POST', headers, body, signal } = asked;
      const options = { method, headers, signal, agent: agentFor(asked) };
      const request = url.protocol === 'https:' ? https.request(url, options) : http.request(url, options);
      request.once('response', resolve);
      request.on('error', (error) =>
        reject(error instanceof CredentialError ? error : new UpstreamError(error, request.reusedSocket)),
      );
      request.end(body);
    });

  return {
    async send(request) {
      for (;;) {
        try {
          return await once(request);
        } catch (error) {
          // The far side may close an idle connection just as it is used again: nothing was taken in.
          const stale =
            error instanceof UpstreamError && error.reused && codeOf(error.cause) === 'ECONNRESET';
          if (!stale || request.signal.aborted) throw error;
        }
      }
    },
    close() {
      for (const agent of [plain, secure, ...routes.values()]) agent.destroy();
      routes.clear();
    },
  };
}

class UpstreamError extends Error {
  readonly reused: boolean;

  constructor(cause: Error, reused: boolean) {
    super(cause.message, { cause });
    this.reused = reused;
  }
}
