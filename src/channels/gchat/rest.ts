import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { gchatFacts } from '../catalog/gchat.js';
import type { AccessTokens } from '../tokens/access.js';
import { createTokenRest } from '../tokens/rest.js';
import { errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://chat.googleapis.com';

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

/** The Chat API as the app itself. */
export function createGoogleChatRest({ apiUrl, ...deps }: GoogleChatRestDeps): GoogleChatRest {
  const rest = createTokenRest({ facts: gchatFacts, errorOfAnswer, isTokenRefusal, ...deps });
  return {
    call: async ({ method, body, signal, ...request }, schema) =>
      rest.call({ method, url: urlOf(apiUrl, request), body, signal }, schema),
    async download(resourceName, signal) {
      const path = resourceName.split('/').map(encodeURIComponent).join('/');
      const url = new URL(`/v1/media/${path}?alt=media`, apiUrl);
      return rest.download(url, await rest.authorization(), signal);
    },
  };
}

const isTokenRefusal = (error: unknown) =>
  error instanceof ChannelError && error.code === 'gchat-token-refused';

function urlOf(apiUrl: string, { path, query = {} }: Pick<GoogleChatRequest, 'path' | 'query'>): URL {
  const url = new URL(`/v1/${path}`, apiUrl);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url;
}
