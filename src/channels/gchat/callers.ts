import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { createKeySet } from '../tokens/keys.js';
import { bearerOf, createSignedTokens } from '../tokens/signed.js';

const CHAT = 'chat@system.gserviceaccount.com';
const GOOGLE = 'https://accounts.google.com';
export const DEFAULT_CERTS_URL = 'https://www.googleapis.com';

const identitySchema = z.object({ email: z.string(), email_verified: z.literal(true) });

export interface CallerDeps {
  /** Where Google publishes its keys. */
  certsUrl: string;
  projectNumber: string;
  /** The app's public address, as it stands in its configuration; null: not known. */
  endpointUrl: string | null;
  clock: Clock;
}

export interface Callers {
  /**
   * Whether this `Authorization` header shows that Google Chat itself calls, about an app of this project. Rejects
   * where Google's keys cannot be had.
   */
  accepts(authorization: string | null): Promise<boolean>;
}

/**
 * Tells calls of Google Chat from all others (developers.google.com/workspace/chat/verify-requests-from-chat). A
 * Chat app whose audience is its project number gets tokens that Chat signs itself. One that is a Workspace add-on, or
 * whose audience is its address, gets tokens that Google signs for anybody: there the identity in it decides.
 */
export function createCallers(deps: CallerDeps): Callers {
  const { clock, certsUrl, projectNumber, endpointUrl } = deps;
  const tokensSignedAt = (path: string) =>
    createSignedTokens({ clock, keys: createKeySet({ clock, url: async () => certsUrl + path }) });
  const byChat = tokensSignedAt(`/service_accounts/v1/jwk/${CHAT}`);
  const byGoogle = tokensSignedAt('/oauth2/v3/certs');
  /** Each project's add-ons have an account of their own: anybody could have made one that calls us. */
  const identities = [CHAT, `service-${projectNumber}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com`];

  return {
    async accepts(authorization) {
      const token = bearerOf(authorization);
      if (token === null) return false;
      if (await byChat.verify(token, { issuer: CHAT, audience: projectNumber })) return true;
      if (endpointUrl === null) return false;
      const found = await byGoogle.verify(token, { issuer: GOOGLE, audience: endpointUrl });
      const identity = identitySchema.safeParse(found?.claims).data;
      return identity !== undefined && identities.includes(identity.email);
    },
  };
}
