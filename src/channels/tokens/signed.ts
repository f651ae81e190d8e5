import { decode, verify } from 'hono/jwt';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import type { KeySet, PublicKey } from './keys.js';

const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string().min(1).max(200) });
const claimsSchema = z.looseObject({
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
});
export type Claims = z.infer<typeof claimsSchema>;

export interface Expected {
  issuer: string;
  audience: string;
}

export interface SignedTokens {
  /**
   * What a token says, and the key that signed it; null: it is not valid (whatever is wrong with it). Rejects where
   * that cannot be found out now, because the keys cannot be had.
   */
  verify(token: string, expected: Expected): Promise<{ claims: Claims; key: PublicKey } | null>;
}

const LONGEST_TOKEN = 8000;
/** How far the platform's clock and ours may differ. */
const SKEW_S = 300;

/** Checks JSON Web Tokens that a platform signs its calls with: RSA with SHA-256, and nothing else. */
export function createSignedTokens({ keys, clock }: { keys: KeySet; clock: Clock }): SignedTokens {
  function isTimely({ exp, nbf, iat }: Claims): boolean {
    const now = clock.now() / 1000;
    return exp + SKEW_S > now && Math.max(nbf ?? 0, iat ?? 0) - SKEW_S <= now;
  }

  return {
    async verify(token, { issuer, audience }) {
      const kid = token.length <= LONGEST_TOKEN ? keyIdOf(token) : null;
      const key = kid === null ? null : await keys.find(kid);
      if (!key) return null;
      const { kty, n, e } = key;
      try {
        // Its own look at the time allows no difference of clocks.
        const time = { exp: false, nbf: false, iat: false };
        const options = { alg: 'RS256', iss: issuer, aud: audience, ...time } as const;
        const claims = claimsSchema.parse(await verify(token, { kty, n, e }, options));
        return isTimely(claims) ? { claims, key } : null;
      } catch {
        return null;
      }
    },
  };
}

function keyIdOf(token: string): string | null {
  try {
    return headerSchema.safeParse(decode(token).header).data?.kid ?? null;
  } catch {
    return null;
  }
}

/** The token of an `Authorization` header; null where it is no bearer token. */
export const bearerOf = (header: string | null): string | null =>
  /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header ?? '')?.[1] ?? null;
