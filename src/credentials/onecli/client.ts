import { OneCLI, OneCLIRequestError } from '@onecli-sh/sdk';
import { type AgentIdentity, CredentialError } from '../types.js';
import { type AgentConfig, agentConfig } from './agent-config.js';
import { ONECLI_SET_UP, type OneCliSettings } from './settings.js';

const TRY_AGAIN = 'It is tried again by itself. See that OneCLI runs and that ONECLI_URL in .env is right.';

/** What we ask of OneCLI's control API. All of it throws CredentialErrors. */
export interface OneCliClient {
  ensureAgent(agent: AgentIdentity): Promise<void>;
  agentConfig(agent: AgentIdentity): Promise<AgentConfig>;
}

/** OneCLI takes lower case letters, digits and hyphens only, at most 50; ids of ours have an underscore. */
export const oneCliIdentifier = ({ identifier }: AgentIdentity) =>
  identifier
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, 50);

export function createOneCliClient(settings: OneCliSettings): OneCliClient {
  const { url, apiKey, projectId, gatewayUrl } = settings;
  // All of them given: what is left out the SDK would take from our own environment.
  const sdk = new OneCLI({ url: url.href.replace(/\/+$/, ''), apiKey, projectId, gatewayUrl });
  return {
    async ensureAgent(agent) {
      const identifier = oneCliIdentifier(agent);
      const name = agent.name.trim().slice(0, 255) || identifier;
      await sdk.ensureAgent({ name, identifier }).catch((error: unknown) => {
        throw problemOf(error, settings, agent, 'onecli-refused');
      });
    },
    async agentConfig(agent) {
      const config = await sdk
        .getContainerConfig({ agent: oneCliIdentifier(agent) })
        .catch((error: unknown) => {
          throw problemOf(error, settings, agent, 'onecli-no-agent');
        });
      return agentConfig(config, settings);
    },
  };
}

function problemOf(
  error: unknown,
  { url, apiKey }: OneCliSettings,
  agent: AgentIdentity,
  notFound: 'onecli-refused' | 'onecli-no-agent',
): CredentialError {
  const status = error instanceof OneCLIRequestError ? error.statusCode : null;
  const problem = (code: string, message: string, fix: string) =>
    new CredentialError(code, message, fix, { cause: withoutKey(error, apiKey) });
  if (status === 401 || status === 403) {
    const message = `OneCLI at ${url.host} refuses the key (${status}).`;
    return problem('onecli-key-refused', message, `${ONECLI_SET_UP} (with a valid key)`);
  }
  if (status === 404 && notFound === 'onecli-no-agent') {
    const message = `OneCLI knows no agent ${JSON.stringify(oneCliIdentifier(agent))} (${agent.name}).`;
    return problem(notFound, message, TRY_AGAIN);
  }
  if (status !== null && status < 500) {
    const message = `OneCLI at ${url.host} does not take agent ${JSON.stringify(agent.name)} (${status}).`;
    return problem('onecli-refused', message, 'See that ONECLI_URL in .env is the address of its API.');
  }
  const why = status === null ? 'does not answer' : `answers ${status}`;
  return problem('onecli-unreachable', `OneCLI at ${url.host} ${why}.`, TRY_AGAIN);
}

/** The SDK puts no key into its errors; what a server says back might hold it. */
function withoutKey(error: unknown, apiKey: string): Error {
  const text = error instanceof Error ? error.message : String(error);
  return new Error(text.replaceAll(apiKey, '[redacted]'));
}
