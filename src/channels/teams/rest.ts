import { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { teamsFacts } from '../catalog/teams.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { within } from '../deadline.js';
import type { AccessTokens } from '../tokens/access.js';
import { isTokenRefusal } from './account.js';
import { errorOfAnswer } from './errors.js';
import type { Services } from './service.js';

const LONGEST_REQUEST_MS = 30_000;

export interface TeamsRequest {
  method: 'GET' | 'POST' | 'PUT';
  serviceUrl: string;
  /** Behind the version: `conversations/…`. */
  path: string;
  body?: object;
  signal?: AbortSignal | undefined;
}

export interface TeamsRest {
  /** Asks the connector and checks what it gives. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  call<T>(request: TeamsRequest, schema: z.ZodType<T>): Promise<T>;
  /** The bytes behind an address; with our token only where that may go. */
  download(url: string, signal: AbortSignal): Promise<Readable>;
}

export interface TeamsRestDeps {
  tokens: AccessTokens;
  services: Services;
  clock: Clock;
  /** The secret is no longer valid. */
  onTokenRefused(): void;
}

/** Where people's files lie: addresses there hold what they need to be read, for some minutes. */
const FILE_HOST = /^[a-z0-9-]+\.sharepoint(?:-df)?\.(?:com|us|cn)$/;

/** Of the connector itself nothing but attachments: whoever writes an address may not ask for more with our token. */
const FILE_PATH = /^\/(?:[\w-]+\/){0,3}v3\/attachments\/[^/]+(?:\/views\/[^/]+)?$/;

/** The Bot Framework's connector. Rate limits are reported, not waited for: the ledger keeps the time. */
export function createTeamsRest({ tokens, services, clock, onTokenRefused }: TeamsRestDeps): TeamsRest {
  async function authorization(): Promise<{ Authorization: string }> {
    try {
      return { Authorization: `Bearer ${await tokens.get()}` };
    } catch (error) {
      if (isTokenRefusal(error)) onTokenRefused();
      throw error;
    }
  }

  async function send(
    { method, serviceUrl, path, body }: TeamsRequest,
    signal: AbortSignal,
  ): Promise<unknown> {
    const url = services.urlOf(serviceUrl, path);
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
    const error = errorOfAnswer({ status: response.status, text, retryAfter, says: method === 'POST' });
    if (isTokenRefusal(error)) {
      tokens.forget();
      onTokenRefused();
    }
    if (error) throw error;
    return text === '' ? {} : JSON.parse(text);
  }

  return {
    async call(request, schema) {
      try {
        return schema.parse(
          await within(clock, LONGEST_REQUEST_MS, request.signal, (until) => send(request, until)),
        );
      } catch (error) {
        throw error instanceof ChannelError ? error : networkErrorOf(error, teamsFacts);
      }
    },
    async download(address, signal) {
      const url = new URL(address);
      const own = services.trusts(address) && FILE_PATH.test(url.pathname);
      if (!own && !(url.protocol === 'https:' && url.port === '' && FILE_HOST.test(url.hostname))) {
        throw new Error('the attachment does not lie with Microsoft');
      }
      const headers = own ? await authorization() : {};
      const response = await fetch(url, { signal, headers, redirect: 'error' });
      if (!response.ok || !response.body) {
        throw new Error(`Teams did not give the attachment (${response.status})`);
      }
      return Readable.fromWeb(response.body);
    },
  };
}
