import type { Log } from '../../log/index.js';
import { type Env, modelAddress, modelHeaders } from '../model-env.js';
import { PLACEHOLDER_KEY } from '../static.js';
import { type AgentIdentity, CredentialError, type CredentialProvider, type ProxyRoute } from '../types.js';
import type { AgentConfig } from './agent-config.js';
import { createOneCliClient, type OneCliClient, oneCliIdentifier } from './client.js';
import { withOneCli } from './container-files.js';
import { ONECLI_SET_UP, type OneCliSettings, oneCliSettings } from './settings.js';

export interface OneCliProviderDeps {
  /** Read for each request. */
  envFile: { read(): Env };
  /** Used where `.env` says nothing of OneCLI, usually `process.env`. */
  fallback: Env;
  log: Log;
}

/**
 * Credentials from OneCLI: each agent group is an agent there, and its requests go through OneCLI's proxy as that agent,
 * which puts the real key on. What OneCLI gives for an agent is asked for at each start of a container, and again when
 * the proxy or the API says that it is out of date. An agent never gets another's.
 */
export function createOneCliProvider(deps: OneCliProviderDeps): CredentialProvider {
  const { log } = deps;
  let current: { key: string; client: OneCliClient } | null = null;
  const known = new Map<string, Promise<AgentConfig>>();

  const settings = (): OneCliSettings => {
    const found = oneCliSettings(deps.envFile.read(), deps.fallback);
    if (found instanceof CredentialError) throw found;
    return found;
  };
  const address = (): URL | CredentialError => {
    const found = modelAddress(deps.envFile.read(), deps.fallback, ONECLI_SET_UP);
    return found instanceof URL && found.protocol !== 'https:' ? notSecure() : found;
  };
  /** One client for the same settings; with others nothing that was known counts any more. */
  const client = (): OneCliClient => {
    const found = settings();
    const key = JSON.stringify(found);
    if (current?.key !== key) {
      current = { key, client: createOneCliClient(found) };
      known.clear();
    }
    return current.client;
  };
  const ask = (agent: AgentIdentity): Promise<AgentConfig> => {
    const asked = client().agentConfig(agent);
    known.set(agent.identifier, asked);
    asked.catch(() => {
      if (known.get(agent.identifier) === asked) known.delete(agent.identifier);
    });
    return asked;
  };
  const configOf = (agent: AgentIdentity): Promise<AgentConfig> => {
    // Forgets what was known under other settings.
    client();
    return known.get(agent.identifier) ?? ask(agent);
  };
  const proxyFor = async (agent: AgentIdentity): Promise<ProxyRoute> => {
    const { proxy, ca } = await configOf(agent);
    return { ...proxy, ca, onRefused: () => void known.delete(agent.identifier) };
  };

  return {
    kind: 'onecli',
    missing() {
      const found = oneCliSettings(deps.envFile.read(), deps.fallback);
      const problem = found instanceof CredentialError ? found : address();
      return problem instanceof CredentialError ? problem : null;
    },
    ensureAgent: async (agent) => client().ensureAgent(agent),
    async applyContainerConfig(spec, agent) {
      const config = await ask(agent);
      log.debug({ agent: agent.identifier, stubs: config.stubs.length }, 'OneCLI configuration taken');
      return withOneCli(spec, config);
    },
    async modelUpstream(agent) {
      const baseUrl = address();
      if (baseUrl instanceof CredentialError) throw baseUrl;
      const { env } = await configOf(agent);
      const headers = modelHeaders(env) ?? { 'x-api-key': PLACEHOLDER_KEY };
      return { baseUrl, headers, via: await proxyFor(agent) };
    },
    proxyFor,
    onRefused(refused, agent) {
      if (!refused) return undefined;
      // Which kind of key it has may change with the secret that it gets.
      known.delete(agent.identifier);
      return noSecret(agent, settings().url);
    },
  };
}

function noSecret(agent: AgentIdentity, url: URL): CredentialError {
  const name = `${agent.name} (${oneCliIdentifier(agent)})`;
  return new CredentialError(
    'onecli-no-secret',
    `OneCLI has no credential for agent ${agent.name} that the model API takes.`,
    `Assign a secret to agent ${name} in OneCLI (${url.origin}).`,
  );
}

function notSecure(): CredentialError {
  return new CredentialError(
    'credential-missing',
    'ANTHROPIC_BASE_URL is not an https address, and OneCLI puts credentials on https requests only.',
    'Take ANTHROPIC_BASE_URL out of .env, or give an https address.',
  );
}
