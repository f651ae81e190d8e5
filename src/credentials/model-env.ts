import { CredentialError } from './types.js';

export type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
/** The API takes OAuth tokens only from requests that carry this beta name. */
const OAUTH_BETA = 'oauth-2025-04-20';

/** The headers that carry what these names hold, the first that is set; null: none is. */
export function modelHeaders(env: Env): Record<string, string> | null {
  if (env.ANTHROPIC_API_KEY) return { 'x-api-key': env.ANTHROPIC_API_KEY };
  if (env.CLAUDE_CODE_OAUTH_TOKEN) {
    return { authorization: `Bearer ${env.CLAUDE_CODE_OAUTH_TOKEN}`, 'anthropic-beta': OAUTH_BETA };
  }
  if (env.ANTHROPIC_AUTH_TOKEN) return { authorization: `Bearer ${env.ANTHROPIC_AUTH_TOKEN}` };
  return null;
}

/** Where the model API is: ANTHROPIC_BASE_URL of the first that has it, else Anthropic's own address. */
export function modelAddress(file: Env, fallback: Env, fix: string): URL | CredentialError {
  const text = file.ANTHROPIC_BASE_URL || fallback.ANTHROPIC_BASE_URL || DEFAULT_BASE_URL;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password) return url;
  return new CredentialError(
    'credential-missing',
    'ANTHROPIC_BASE_URL is not an http(s) address without user name and password.',
    `Correct it in .env, or run: ${fix}`,
  );
}
