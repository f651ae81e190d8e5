import type { Clock } from '../clock.js';
import type { EnvFile } from '../env-file.js';
import { shortHash } from '../ids.js';
import { type Env, modelAddress, modelHeaders } from './model-env.js';
import { CredentialError, type CredentialProvider, type ModelUpstream } from './types.js';

/** What a container has in place of a key; the gateway takes it off again. */
export const PLACEHOLDER_KEY = 'wharfie-placeholder';
const PROBE_EVERY_MS = 60_000;
const SET_UP = './wharfie credentials --provider static';

export interface StaticProviderDeps {
  /** Read for each request. */
  envFile: Pick<EnvFile, 'read'>;
  /** Used for names that `.env` does not hold, usually `process.env`. */
  fallback: Env;
  clock: Clock;
  /** Asks the API whether it takes the key now; the HTTP status, or null where there is no answer. */
  probe(upstream: ModelUpstream): Promise<number | null>;
}

/**
 * One key or OAuth token for all agents, from `.env`: ANTHROPIC_API_KEY, or CLAUDE_CODE_OAUTH_TOKEN, or
 * ANTHROPIC_AUTH_TOKEN (sent as a bearer token, for gateways); ANTHROPIC_BASE_URL sets another upstream.
 * A refused key stays refused until `.env` changes or a probe (at most one a minute, only when asked) is accepted.
 */
export function createStaticProvider(deps: StaticProviderDeps): CredentialProvider {
  let refusedKey = '';
  let probedAt = 0;

  const read = () => upstreamOf(deps.envFile.read(), deps.fallback);
  const probe = async (upstream: ModelUpstream, key: string) => {
    probedAt = deps.clock.monotonic();
    const status = await deps.probe(upstream).catch(() => null);
    if (status !== null && status !== 401 && refusedKey === key) refusedKey = '';
  };
  const problemOf = (found: ModelUpstream | CredentialError): CredentialError | null => {
    if (found instanceof CredentialError) return found;
    const key = fingerprint(found);
    if (key !== refusedKey) return null;
    if (deps.clock.monotonic() - probedAt >= PROBE_EVERY_MS) void probe(found, key);
    return new CredentialError(
      'credential-refused',
      'The model API refuses the configured key.',
      `${SET_UP} (with a valid key; no restart is needed)`,
    );
  };

  return {
    kind: 'static',
    missing: () => problemOf(read()),
    ensureAgent: async () => {},
    applyContainerConfig: async (spec) => ({
      ...spec,
      env: { ...spec.env, ANTHROPIC_API_KEY: PLACEHOLDER_KEY },
    }),
    async modelUpstream() {
      const found = read();
      const problem = problemOf(found);
      if (problem) throw problem;
      if (found instanceof CredentialError) throw found;
      return found;
    },
    proxyFor: async () => null,
    onRefused(refused) {
      const found = read();
      if (found instanceof CredentialError) return undefined;
      const key = fingerprint(found);
      if (refused) {
        refusedKey = key;
        probedAt = deps.clock.monotonic();
      } else if (refusedKey === key) refusedKey = '';
      return undefined;
    },
  };
}

const fingerprint = (upstream: ModelUpstream) =>
  shortHash(JSON.stringify([upstream.baseUrl.href, upstream.headers]), 32);

function upstreamOf(file: Env, fallback: Env): ModelUpstream | CredentialError {
  const baseUrl = modelAddress(file, fallback, SET_UP);
  if (baseUrl instanceof CredentialError) return baseUrl;
  // One source as a whole: a token in `.env` is not beaten by a key that the shell happens to hold.
  const headers = modelHeaders(file) ?? modelHeaders(fallback);
  if (headers) return { baseUrl, headers };
  return new CredentialError('credential-missing', 'No credential for the model API is configured.', SET_UP);
}
