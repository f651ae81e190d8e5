import type { Clock } from '../clock.js';
import { createUpstreamClient } from '../egress/upstream.js';
import { apiUrl } from './api-url.js';
import type { ModelUpstream } from './types.js';

const PROBE_TIMEOUT_MS = 10_000;

/** Whether a model API is there at all, free of charge: the HTTP status of a message that nobody can answer. */
export function probeMessages(clock: Clock, upstream: ModelUpstream): Promise<number> {
  return statusOf(clock, upstream, { method: 'POST', path: '/v1/messages', body: '{}' });
}

/** Asks the model API, free of charge, whether it takes these credentials: the HTTP status of `GET /v1/models`. */
export function probeModelApi(clock: Clock, upstream: ModelUpstream): Promise<number> {
  return statusOf(clock, upstream, { method: 'GET', path: '/v1/models?limit=1', body: '' });
}

/** Asks the model API, free of charge, whether it has this model: the HTTP status of `GET /v1/models/<model>`. */
export function probeModel(clock: Clock, upstream: ModelUpstream, model: string): Promise<number> {
  const path = `/v1/models/${encodeURIComponent(model)}`;
  return statusOf(clock, upstream, { method: 'GET', path, body: '' });
}

async function statusOf(
  clock: Clock,
  upstream: ModelUpstream,
  { method, path, body }: { method: 'GET' | 'POST'; path: string; body: string },
): Promise<number> {
  const abort = new AbortController();
  const timer = clock.after(PROBE_TIMEOUT_MS, () => abort.abort());
  const client = createUpstreamClient({ clock, timeoutMs: PROBE_TIMEOUT_MS });
  try {
    // A redirect would carry the key to wherever it points: the client follows none.
    const answer = await client.send({
      method,
      url: apiUrl(upstream.baseUrl, path),
      headers: {
        'anthropic-version': '2023-06-01',
        ...(body && { 'content-type': 'application/json' }),
        ...upstream.headers,
      },
      body: Buffer.from(body),
      signal: abort.signal,
      via: upstream.via,
    });
    answer.destroy();
    return answer.statusCode ?? 502;
  } finally {
    timer.cancel();
    client.close();
  }
}
