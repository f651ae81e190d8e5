import { createPublicKey, createVerify } from 'node:crypto';
import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import { createSigner } from '../signer.js';

/** Made once: keys take their time. */
const account = createSigner('account-key');
export const chatSigner = createSigner('chat-key');
export const googleSigner = createSigner('google-key');

export const CHAT_EMAIL = 'chat@system.gserviceaccount.com';

/** What a person downloads for a service account. */
export const KEY_FILE = {
  type: 'service_account',
  project_id: 'wharfie-test',
  private_key_id: 'account-key',
  private_key: account.privateKeyPem,
  client_email: 'wharfie@wharfie-test.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};

const claimsSchema = z.object({
  iss: z.literal(KEY_FILE.client_email),
  scope: z.literal('https://www.googleapis.com/auth/chat.bot'),
  aud: z.literal('https://oauth2.googleapis.com/token'),
  iat: z.number(),
  exp: z.number(),
});

const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());

/** Whether this is a statement of the service account, good at this moment (in seconds). */
function isGood(assertion: string, now: number): boolean {
  const [header, payload, signature = ''] = assertion.split('.');
  const key = createPublicKey({ format: 'jwk', key: account.jwk });
  const verifier = createVerify('RSA-SHA256').update(`${header}.${payload}`);
  if (!verifier.verify(key, signature, 'base64url')) return false;
  const claims = claimsSchema.safeParse(decode(payload)).data;
  return claims !== undefined && claims.iat <= now && now < claims.exp && claims.exp - claims.iat <= 3600;
}

/** The token endpoint of Google's OAuth. */
export function giveToken(call: Call, now: () => number, token: string | null): Answer {
  const { assertion, grant_type } = z.record(z.string(), z.string()).parse(call.fields);
  const granted =
    token !== null &&
    grant_type === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
    isGood(assertion ?? '', now() / 1000);
  return granted
    ? { status: 200, body: { access_token: token, expires_in: 3599, token_type: 'Bearer' } }
    : { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
}
