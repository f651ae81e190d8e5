import type { Clock } from '../clock.js';
import { apiUrl } from './api-url.js';
import { createUpstreamClient } from './gateway/upstream.js';
import type { ModelUpstream } from './types.js';

const PROBE_TIMEOUT_MS = 10_000;

/** Asks the model API, free of charge, whether it takes these credentials: the HTTP status of `GET /v1/models`. */
export async function probeModelApi(clock: Clock, upstream: ModelUpstream): Promise<number> {
  const abort = new AbortController();
  const timer = clock.after(PROBE_TIMEOUT_MS, () => abort.abort());
  const client = createUpstreamClient({ clock, timeoutMs: PROBE_TIMEOUT_MS });
  try {
    // A redirect would carry the key to wherever it points: the client follows none.
    const answer = await client.send({
      method: 'GET',
      url: apiUrl(upstream.baseUrl, '/v1/models?limit=1'),
      headers: { 'anthropic-version': '2023-06-01', ...upstream.headers },
      body: Buffer.alloc(0),
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
