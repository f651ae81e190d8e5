import type { Clock } from '../clock.js';
import type { Log } from '../log/index.js';
import type { Env } from './model-env.js';
import { createOneCliProvider } from './onecli/index.js';
import { createStaticProvider } from './static.js';
import { CredentialError, type CredentialProvider, type ModelUpstream } from './types.js';

export const PROVIDERS = ['static', 'onecli'] as const;
/** Its name in `.env`; left out: static. */
export const PROVIDER_NAME = 'WHARFIE_CREDENTIALS';

export interface ProviderDeps {
  /** Read for each request. */
  envFile: { read(): Readonly<Record<string, string>> };
  /** Used for what `.env` does not say, usually `process.env`. */
  fallback: Env;
  clock: Clock;
  log: Log;
  /** Asks the API whether it takes the key now; the HTTP status, or null where there is no answer. */
  probe(upstream: ModelUpstream): Promise<number | null>;
}

/** Credentials from where `.env` says now: a change counts at once, and one provider never stands in for the other. */
export function createCredentialProvider(deps: ProviderDeps): CredentialProvider {
  const all = { static: createStaticProvider(deps), onecli: createOneCliProvider(deps) };
  const chosen = () => deps.envFile.read()[PROVIDER_NAME] || deps.fallback[PROVIDER_NAME] || 'static';
  const find = () => PROVIDERS.find((name) => name === chosen());
  const now = (): CredentialProvider => {
    const name = find();
    if (name === undefined) throw unknown();
    return all[name];
  };
  return {
    get kind() {
      return find() ?? 'static';
    },
    missing: () => (find() === undefined ? unknown() : now().missing()),
    ensureAgent: async (agent) => now().ensureAgent(agent),
    applyContainerConfig: async (spec, agent) => now().applyContainerConfig(spec, agent),
    modelUpstream: async (agent) => now().modelUpstream(agent),
    proxyFor: async (agent) => now().proxyFor(agent),
    onRefused: (refused, agent) => now().onRefused(refused, agent),
  };
}

function unknown(): CredentialError {
  return new CredentialError(
    'credential-missing',
    `${PROVIDER_NAME} is none of ${PROVIDERS.join(', ')}.`,
    `Correct it in .env, or run: ./wharfie credentials --help`,
  );
}
