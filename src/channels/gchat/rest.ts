import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { gchatFacts } from '../catalog/gchat.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { within } from '../deadline.js';
import type { AccessTokens } from '../tokens/access.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://chat.googleapis.com';
const LONGEST_REQUEST_MS = 30_000;

export interface GoogleChatRequest {
  method: 'GET' | 'POST' | 'PATCH';
  /** Behind the version: `spaces/AAA/messages`. */
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: object;
  signal?: AbortSignal | undefined;
}

export interface GoogleChatRest {
  /** Asks the API and checks what it gives. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  call<T>(request: GoogleChatRequest, schema: z.ZodType<T>): Promise<T>;
  /** The bytes of an uploaded attachment. */
  download(resourceName: string, signal: AbortSignal): Promise<Readable>;
}

export interface GoogleChatRestDeps {
  tokens: AccessTokens;
  apiUrl: string;
  clock: Clock;
  /** The key is no longer valid. */
  onTokenRefused(): void;
}

/** The Chat API as the app itself. Rate limits are reported, not waited for: the ledger keeps the time. */
export function createGoogleChatRest({
  tokens,
  apiUrl,
  clock,
  onTokenRefused,
}: GoogleChatRestDeps): GoogleChatRest {
  const headers = async () => ({ Authorization: `Bearer ${await authorized()}` });

  async function authorized(): Promise<string> {
    try {
      return await tokens.get();
    } catch (error) {
      if (isTokenRefusal(error)) onTokenRefused();
      throw error;
    }
  }

  async function send(request: GoogleChatRequest, signal: AbortSignal): Promise<unknown> {
    const { method, body } = request;
    const response = await fetch(urlOf(apiUrl, request), {
      method,
      signal,
      redirect: 'error',
      headers: { ...(await headers()), ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // Read within the deadline: an answer that never ends is no answer.
    const text = await response.text();
    const retryAfter = response.headers.get('retry-after');
    const error = errorOfAnswer({ status: response.status, text, retryAfter, says: method === 'POST' });
    if (isTokenRefusal(error)) {
      tokens.forget();
      onTokenRefused();
    }
    if (error) throw error;
    return JSON.parse(text);
  }

  return {
    async call(request, schema) {
      try {
        return schema.parse(
          await within(clock, LONGEST_REQUEST_MS, request.signal, (until) => send(request, until)),
        );
      } catch (error) {
        throw error instanceof ChannelError ? error : networkErrorOf(error, gchatFacts);
      }
    },
    async download(resourceName, signal) {
      const path = resourceName.split('/').map(encodeURIComponent).join('/');
      const url = new URL(`/v1/media/${path}?alt=media`, apiUrl);
      const response = await fetch(url, { signal, redirect: 'error', headers: await headers() });
      if (!response.ok || !response.body) {
        throw new Error(`Google Chat did not give the attachment (${response.status})`);
      }
      return Readable.fromWeb(response.body);
    },
  };
}

const isTokenRefusal = (error: unknown) =>
  error instanceof ChannelError && error.code === 'gchat-token-refused';

function urlOf(apiUrl: string, { path, query = {} }: GoogleChatRequest): URL {
  const url = new URL(`/v1/${path}`, apiUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}
