import type { Env } from '../model-env.js';
import { CredentialError } from '../types.js';

export const ONECLI_SET_UP = './wharfie credentials --provider onecli --url <url>';

/** Where OneCLI's control API answers and the key for it. `apiKey` is a secret. */
export interface OneCliSettings {
  url: URL;
  apiKey: string;
  /** Which project an organisation's key means; empty: the key's own. */
  projectId: string;
  /** Where approvals are asked for; empty: OneCLI is asked. */
  gatewayUrl: string;
}

/** From `.env` where it names a key, else from the environment: never a key of the one to an address of the other. */
export function oneCliSettings(file: Env, fallback: Env): OneCliSettings | CredentialError {
  const env = file.ONECLI_API_KEY || file.ONECLI_URL ? file : fallback;
  const url = oneCliUrl(env.ONECLI_URL ?? '');
  const apiKey = env.ONECLI_API_KEY ?? '';
  if (url && apiKey) {
    const { ONECLI_PROJECT_ID: projectId = '', ONECLI_GATEWAY_URL: gatewayUrl = '' } = env;
    return { url, apiKey, projectId, gatewayUrl };
  }
  const message = env.ONECLI_URL
    ? url
      ? 'The key for OneCLI is missing (ONECLI_API_KEY).'
      : 'ONECLI_URL is not an http(s) address without user name and password.'
    : 'It is not set where OneCLI answers (ONECLI_URL).';
  return new CredentialError('credential-missing', message, ONECLI_SET_UP);
}

/** An address that OneCLI may have; null: none. */
export function oneCliUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && !url.username && !url.password && !url.search && !url.hash;
  return plain && ['http:', 'https:'].includes(url.protocol) ? url : null;
}
