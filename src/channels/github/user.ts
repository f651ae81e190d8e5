import { z } from 'zod';

export const DEFAULT_API_URL = 'https://api.github.com';

const userSchema = z.object({ id: z.number(), login: z.string() });

export interface TokenOwner extends z.infer<typeof userSchema> {
  /** Of a classic token; null for a fine-grained one, which does not tell. */
  scopes: string[] | null;
}

/** Whose token it is; a status where GitHub does not say so. Rejects where it cannot be reached. */
export async function ownerOf(
  token: string,
  apiUrl: string,
  signal: AbortSignal,
): Promise<TokenOwner | number> {
  const headers = { Authorization: `token ${token}`, Accept: 'application/vnd.github+json' };
  const response = await fetch(`${apiUrl}/user`, { headers, signal, redirect: 'error' });
  if (!response.ok) return response.status;
  const scopes = response.headers.get('x-oauth-scopes');
  return {
    ...userSchema.parse(await response.json()),
    scopes: scopes === null ? null : scopes.split(/,\s*/).filter(Boolean),
  };
}
