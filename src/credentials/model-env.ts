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

const VERSION = /\/v1\/*$/;

/** Whoever calls adds the version himself: with it the address is one at which nothing answers. */
function versioned(url: URL, inFile: boolean): CredentialError {
  const right = url.origin + url.pathname.replace(VERSION, '');
  return new CredentialError(
    'base-url-wrong',
    `ANTHROPIC_BASE_URL ends in /v1, which is added by itself: nothing answers at ${url.href.replace(/\/+$/, '')}/v1.`,
    inFile
      ? `./wharfie credentials --provider static --base-url ${right}`
      : `export ANTHROPIC_BASE_URL=${right}`,
  );
}

/** Where the model API is: ANTHROPIC_BASE_URL of the first that has it, else Anthropic's own address. */
export function modelAddress(file: Env, fallback: Env, fix: string): URL | CredentialError {
  const text = file.ANTHROPIC_BASE_URL || fallback.ANTHROPIC_BASE_URL || DEFAULT_BASE_URL;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password) {
    return VERSION.test(url.pathname) ? versioned(url, file.ANTHROPIC_BASE_URL === text) : url;
  }
  return new CredentialError(
    'credential-missing',
    'ANTHROPIC_BASE_URL is not an http(s) address without user name and password.',
    `Correct it in .env, or run: ${fix}`,
  );
}
