import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { ChannelError } from '../adapter.js';
import { linearFacts } from '../catalog/linear.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { AUTH_FIX, answerSchema, error, errorOfAnswer } from './errors.js';

export const DEFAULT_API_URL = 'https://api.linear.app';
const LONGEST_REQUEST_MS = 30_000;
/** What the application's own account needs. */
const SCOPES = 'read,write,comments:create,issues:create';

/** A member's key, or an application that acts for itself. */
export type LinearLogin = { apiKey: string } | { clientId: string; clientSecret: string };

export function loginOf(env: Readonly<Record<string, string | undefined>>): LinearLogin {
  const {
    LINEAR_API_KEY: apiKey,
    LINEAR_CLIENT_ID: clientId = '',
    LINEAR_CLIENT_SECRET: clientSecret = '',
  } = env;
  return apiKey ? { apiKey } : { clientId, clientSecret };
}

export interface LinearApiDeps {
  login: LinearLogin;
  apiUrl: string;
  clock: Clock;
  /** The key, or the application's secret, is no longer valid. */
  onTokenRefused(): void;
}

export interface LinearApi {
  /** Carries out a query or mutation and checks its data. Rejects with a ChannelError. Ends after 30 s, or with `signal`. */
  call<T>(document: string, variables: object, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>;
  /** Asks for one of Linear's files. */
  open(url: URL, signal: AbortSignal): Promise<Response>;
}

const tokenSchema = z.object({ access_token: z.string() });

/** Linear's GraphQL API for one account. */
export function createLinearApi({ login, apiUrl, clock, onTokenRefused }: LinearApiDeps): LinearApi {
  let authorization = 'apiKey' in login ? login.apiKey : null;

  /** Such a token lasts for thirty days; a new one is asked for when it is refused. */
  async function fetchToken(clientId: string, clientSecret: string, signal: AbortSignal): Promise<string> {
    const response = await fetch(`${apiUrl}/oauth/token`, {
      method: 'POST',
      signal,
      redirect: 'error',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: SCOPES,
      }),
    });
    const text = await response.text();
    if (response.ok) return `Bearer ${tokenSchema.parse(JSON.parse(text)).access_token}`;
    const refused = response.status >= 400 && response.status < 500 && response.status !== 429;
    const answer = {
      status: refused ? 401 : response.status,
      text,
      headers: response.headers,
      mutation: false,
    };
    throw (
      errorOfAnswer(answer, clock.now()) ?? error('no-token', 'Linear gave no token.', AUTH_FIX, 'transient')
    );
  }

  async function send(document: string, variables: object, signal: AbortSignal): Promise<unknown> {
    const renewable = !('apiKey' in login) && authorization !== null;
    authorization ??=
      'apiKey' in login ? login.apiKey : await fetchToken(login.clientId, login.clientSecret, signal);
    const response = await fetch(`${apiUrl}/graphql`, {
      method: 'POST',
      signal,
      redirect: 'error',
      headers: { Authorization: authorization, 'Content-Type': 'application/json' },
      body: JSON.stringify({ query: document, variables }),
    });
    // Read within the deadline: an answer that never ends is no answer.
    const text = await response.text();
    const { status, headers } = response;
    const mutation = document.trimStart().startsWith('mutation');
    const failed = errorOfAnswer({ status, text, headers, mutation }, clock.now());
    if (failed?.code === 'linear-token-refused' && renewable) {
      authorization = null;
      return send(document, variables, signal);
    }
    if (failed) throw failed;
    return answerSchema.parse(JSON.parse(text)).data;
  }

  return {
    async call(document, variables, schema, signal) {
      try {
        const work = (until: AbortSignal) => send(document, variables, until);
        return schema.parse(await within(clock, LONGEST_REQUEST_MS, signal, work));
      } catch (thrown) {
        const failed = thrown instanceof ChannelError ? thrown : networkErrorOf(thrown, linearFacts);
        if (failed.code === 'linear-token-refused') onTokenRefused();
        throw failed;
      }
    },
    open: (url, signal) =>
      fetch(url, { signal, headers: { Authorization: authorization ?? '' }, redirect: 'error' }),
  };
}

const viewerSchema = z.object({
  viewer: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
});

/** Who the bot is. */
export async function viewerOf(api: LinearApi, signal: AbortSignal) {
  const document = 'query Viewer { viewer { id name displayName } }';
  return (await api.call(document, {}, viewerSchema, signal)).viewer;
}
