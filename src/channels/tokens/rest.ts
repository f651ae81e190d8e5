import { Readable } from 'node:stream';
import type { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import type { ChannelFacts } from '../catalog/index.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import type { AccessTokens } from './access.js';

const LONGEST_REQUEST_MS = 30_000;

export interface TokenRequest {
  method: string;
  url: string | URL;
  body?: object | undefined;
  signal?: AbortSignal | undefined;
}

export interface TokenRestDeps {
  facts: ChannelFacts;
  tokens: AccessTokens;
  clock: Clock;
  /** What an answer means that is no success; null: it is one. */
  errorOfAnswer(answer: {
    status: number;
    text: string;
    retryAfter: string | null;
    /** The request says something: done twice it would be said twice. */
    says: boolean;
  }): ChannelError | null;
  isTokenRefusal(error: unknown): boolean;
  /** The credential is no longer valid. */
  onTokenRefused(): void;
}

/** An API of JSON that is asked with short-lived tokens. Rate limits are reported, not waited for: the ledger keeps the time. */
export function createTokenRest(deps: TokenRestDeps) {
  const { facts, tokens, clock } = deps;

  async function authorization(): Promise<{ Authorization: string }> {
    try {
      return { Authorization: `Bearer ${await tokens.get()}` };
    } catch (error) {
      if (deps.isTokenRefusal(error)) deps.onTokenRefused();
      throw error;
    }
  }

  async function send({ method, url, body }: TokenRequest, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(url, {
      method,
      signal,
      redirect: 'error',
      headers: { ...(await authorization()), ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    // Read within the deadline: an answer that never ends is no answer.
    const text = await response.text();
    const retryAfter = response.headers.get('retry-after');
    const error = deps.errorOfAnswer({ status: response.status, text, retryAfter, says: method === 'POST' });
    if (deps.isTokenRefusal(error)) {
      tokens.forget();
      deps.onTokenRefused();
    }
    if (error) throw error;
    return text === '' ? {} : JSON.parse(text);
  }

  return {
    authorization,
    /** Asks the API and checks what it gives. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
    async call<T>(request: TokenRequest, schema: z.ZodType<T>): Promise<T> {
      try {
        return schema.parse(
          await within(clock, LONGEST_REQUEST_MS, request.signal, (until) => send(request, until)),
        );
      } catch (error) {
        throw error instanceof ChannelError ? error : networkErrorOf(error, facts);
      }
    },
    /** The bytes of an attachment. */
    async download(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Readable> {
      const response = await fetch(url, { signal, redirect: 'error', headers });
      if (response.ok && response.body) return Readable.fromWeb(response.body);
      throw new Error(`${facts.label} did not give the attachment (${response.status})`);
    },
  };
}
