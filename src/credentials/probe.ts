import type { Clock } from '../clock.js';
import { apiUrl } from './api-url.js';
import type { ModelUpstream } from './types.js';

const PROBE_TIMEOUT_MS = 10_000;

/** Asks the model API, free of charge, whether it takes these credentials: the HTTP status of `GET /v1/models`. */
export async function probeModelApi(clock: Clock, upstream: ModelUpstream): Promise<number> {
  const url = apiUrl(upstream.baseUrl, '/v1/models?limit=1');
  const abort = new AbortController();
  const timer = clock.after(PROBE_TIMEOUT_MS, () => abort.abort());
  try {
    const headers = { 'anthropic-version': '2023-06-01', ...upstream.headers };
    // A redirect would carry the key to wherever it points.
    const answer = await fetch(url, { headers, redirect: 'manual', signal: abort.signal });
    await answer.body?.cancel();
    return answer.status;
  } finally {
    timer.cancel();
  }
}
