import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { codeOf } from '../../errors.js';

export interface UpstreamRequest {
  url: URL;
  headers: OutgoingHttpHeaders;
  body: Buffer;
  signal: AbortSignal;
}

export interface UpstreamClient {
  /** Posts and resolves with the answer once it begins. Redirects are answers, not followed. */
  post(request: UpstreamRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Keeps connections to the model API open between requests. */
export function createUpstreamClient(): UpstreamClient {
  const plain = new http.Agent({ keepAlive: true });
  const secure = new https.Agent({ keepAlive: true });

  const once = ({ url, headers, body, signal }: UpstreamRequest) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method: 'POST', headers, signal };
      const request =
        url.protocol === 'https:'
          ? https.request(url, { ...options, agent: secure })
          : http.request(url, { ...options, agent: plain });
      request.once('response', resolve);
      request.on('error', (error) => reject(new UpstreamError(error, request.reusedSocket)));
      request.end(body);
    });

  return {
    async post(request) {
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
      plain.destroy();
      secure.destroy();
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
