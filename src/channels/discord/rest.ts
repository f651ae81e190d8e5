import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { discordFacts } from '../catalog/discord.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://discord.com/api/v10';
const LONGEST_REQUEST_MS = 30_000;

export interface DiscordRestDeps {
  token: string;
  /** With its version: `https://discord.com/api/v10`. */
  apiUrl: string;
  clock: Clock;
  /** The token is no longer valid. */
  onTokenRefused(): void;
}

export interface DiscordRest {
  /** Resolves with a 2xx answer; rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** The same, with the answer checked. */
  read<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
}

export interface RequestOptions {
  body?: object | undefined;
  signal?: AbortSignal | undefined;
}

/** Discord's HTTP API for one bot. Its rate limits are reported, not waited for: the ledger keeps the time. */
export function createDiscordRest(deps: DiscordRestDeps): DiscordRest {
  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const deadline = new AbortController();
    const stop = () => deadline.abort();
    const timer = deps.clock.after(LONGEST_REQUEST_MS, stop);
    if (options.signal?.aborted) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      return await send(method, path, options.body, deadline.signal);
    } finally {
      timer.cancel();
      options.signal?.removeEventListener('abort', stop);
    }
  }

  async function send(
    method: string,
    path: string,
    body: object | undefined,
    signal: AbortSignal,
  ): Promise<Response> {
    const form = body instanceof FormData;
    try {
      const response = await fetch(deps.apiUrl + path, {
        method,
        signal,
        headers: {
          Authorization: `Bot ${deps.token}`,
          'User-Agent': 'DiscordBot (wharfie, 1)',
          ...(body && !form ? { 'Content-Type': 'application/json' } : {}),
        },
        ...(body ? { body: form ? body : JSON.stringify(body) } : {}),
      });
      // Read within the deadline: an answer that never ends is no answer.
      const text = await response.text();
      const { status } = response;
      if (response.ok)
        return new Response(status === 204 ? null : text, { status, headers: response.headers });
      if (status === 401) deps.onTokenRefused();
      throw errorOfAnswer({ method, status, text, retryAfter: response.headers.get('retry-after') });
    } catch (error) {
      throw error instanceof ChannelError ? error : networkErrorOf(error, discordFacts);
    }
  }

  return {
    request,
    async read(path, schema, signal) {
      const response = await request('GET', path, { signal });
      return schema.parse(await response.json());
    },
  };
}
