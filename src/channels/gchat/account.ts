import { sign } from 'hono/jwt';
import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { jsonOf } from '../../json.js';
import { ChannelError } from '../adapter.js';
import { gchatFacts } from '../catalog/gchat.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { type AccessTokens, createAccessTokens } from '../tokens/access.js';
import { AUTH_FIX, googleChatError } from './errors.js';

/** The key file of a service account, as far as it is needed. */
const accountSchema = z.object({
  client_email: z.string().regex(/^[^\s@]+@[^\s@]+$/),
  private_key: z.string().regex(/^-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----\s*$/),
});
export type ServiceAccount = z.infer<typeof accountSchema>;

/** What `GCHAT_CREDENTIALS` holds; null where it is no such key. */
export function parseServiceAccount(text: string): ServiceAccount | null {
  return accountSchema.safeParse(jsonOf(text)).data ?? null;
}

export const DEFAULT_TOKEN_URL = 'https://oauth2.googleapis.com/token';
/** What an app may do as itself. */
const SCOPE = 'https://www.googleapis.com/auth/chat.bot';
const LONGEST_REQUEST_MS = 15_000;

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Tokens of a service account: a statement that it signs is exchanged for one
 * (developers.google.com/identity/protocols/oauth2/service-account). Rejects with a ChannelError.
 */
export function createAccountTokens(deps: {
  account: ServiceAccount;
  tokenUrl: string;
  clock: Clock;
}): AccessTokens {
  const { account, tokenUrl, clock } = deps;

  async function assertion(): Promise<string> {
    const iat = Math.floor(clock.now() / 1000);
    const claims = { iss: account.client_email, scope: SCOPE, aud: DEFAULT_TOKEN_URL, iat, exp: iat + 3600 };
    try {
      return await sign(claims, account.private_key, 'RS256');
    } catch {
      throw refused('The key in GCHAT_CREDENTIALS cannot be read.');
    }
  }

  async function exchange(signal: AbortSignal): Promise<{ status: number; text: string }> {
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await assertion(),
    });
    const response = await fetch(tokenUrl, { method: 'POST', body, signal, redirect: 'error' });
    return { status: response.status, text: await response.text() };
  }

  return createAccessTokens({
    clock,
    async request() {
      const { status, text } = await within(clock, LONGEST_REQUEST_MS, undefined, exchange).catch(
        unreachable,
      );
      if (status === 400 || status === 401 || status === 403) {
        throw refused('Google refused the service account key.');
      }
      const answer = answerSchema.safeParse(status === 200 ? jsonOf(text) : null).data;
      if (!answer) throw outage(status);
      return { token: answer.access_token, expiresInS: answer.expires_in };
    },
  });
}

/** No token, so nothing has been said: it can always be tried again. */
function unreachable(error: unknown): never {
  if (error instanceof ChannelError) throw error;
  const { code, message, fix } = networkErrorOf(error, gchatFacts);
  throw new ChannelError(code, message, fix, { errorClass: 'transient', cause: error });
}

const refused = (message: string) =>
  googleChatError('token-refused', message, AUTH_FIX, { errorClass: 'transient' });

const outage = (status: number) =>
  googleChatError(
    'outage',
    `Google gave no token (${status}).`,
    'Nothing to do: it is tried again by itself.',
    { errorClass: 'transient' },
  );
