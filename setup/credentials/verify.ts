import { probeFromContainer } from '../../src/credentials/container-probe.js';
import { probeMessages, probeModelApi } from '../../src/credentials/probe.js';
import { type AgentIdentity, CredentialError, type CredentialProvider } from '../../src/credentials/types.js';
import { checkImage } from '../../src/engine/docker/check.js';
import { explain } from '../../src/engine/docker/errors.js';
import { EngineError } from '../../src/engine/types.js';
import { codeOf, reasonOf, WharfieError } from '../../src/errors.js';
import { createLog } from '../../src/log/index.js';
import { dockerState } from '../lib/docker-state.js';
import { configurationOf } from '../lib/installation.js';
import type { Fields, StepContext } from '../lib/step.js';
import { agentsToCheck } from './provider.js';

/** Tries the credentials of each agent from here, and of the first from inside a container. Throws what is wrong. */
export async function verifyCredentials(context: StepContext, provider: CredentialProvider): Promise<Fields> {
  const agents = agentsToCheck(context, provider);
  const fields: Fields = { PROVIDER: provider.kind };
  if (provider.kind === 'onecli') fields.AGENTS = agents.map(({ name }) => name);
  for (const agent of agents) {
    await provider.ensureAgent(agent);
    Object.assign(fields, await verifyFromHost(context, provider, agent));
  }
  const [first] = agents;
  return first ? { ...fields, ...(await verifyFromContainer(context, provider, first)) } : fields;
}

/** Asks the model API from here whether it takes the key. Throws a CredentialError. */
async function verifyFromHost(
  { clock }: StepContext,
  provider: CredentialProvider,
  agent: AgentIdentity,
): Promise<Fields> {
  const upstream = await provider.modelUpstream(agent);
  const { host } = upstream.baseUrl;
  try {
    judge(await probeModelApi(clock, upstream), host, provider, agent);
  } catch (error) {
    if (error instanceof CredentialError) throw error;
    throw unreachable(host, causeOf(error), error);
  }
  return { API: upstream.baseUrl.href, HOST_CHECK: 'accepted' };
}

/** Why nothing can be asked at this address at all; null: it can. Some gateways have no list of models, none is without messages. */
export async function missingApi(
  context: StepContext,
  provider: CredentialProvider,
): Promise<CredentialError | null> {
  const [agent] = agentsToCheck(context, provider);
  if (!agent) return null;
  const { clock } = context;
  const upstream = await provider.modelUpstream(agent);
  if ((await probeModelApi(clock, upstream)) !== 404) return null;
  return (await probeMessages(clock, upstream)) === 404 ? noApi(upstream.baseUrl) : null;
}

/** The same from inside a throw-away container, where there are Docker and the image; says why where not. */
async function verifyFromContainer(
  context: StepContext,
  provider: CredentialProvider,
  agent: AgentIdentity,
): Promise<Fields> {
  const { config } = configurationOf(context);
  const found = await dockerState(context.env, config.dockerSocket);
  if (found.docker === null) return skipped(found.problem);
  const { docker, identity } = found;
  try {
    await checkImage(docker.calls, config.image, null);
  } catch (error) {
    if (error instanceof EngineError) return skipped(error);
    throw error;
  }
  const upstream = await provider.modelUpstream(agent);
  const { status, direct } = await probeFromContainer({
    docker: docker.calls,
    identity,
    image: config.image,
    credentials: provider,
    agent,
    installationId: config.installationId,
    env: context.env,
    clock: context.clock,
    log: createLog({ write: context.detail }, { level: 'warn' }),
  }).catch((error: unknown) => {
    throw error instanceof WharfieError ? error : explain(error, config.image);
  });
  judge(status, upstream.baseUrl.host, provider, agent);
  if (direct === 'open') {
    throw new CredentialError(
      'network-open',
      'A container could reach the network without its door.',
      'Do not go on: the Docker engine does not honour network "none". See ./wharfie environment.',
    );
  }
  return { CONTAINER_CHECK: 'accepted', DIRECT_NETWORK: 'refused' };
}

function skipped(problem: EngineError): Fields {
  return { CONTAINER_CHECK: 'skipped', CONTAINER_CHECK_WHY: `${problem.message} ${problem.fix}` };
}

/** A key that was taken may still be answered with "no such model" or "too many requests". */
function judge(status: number, host: string, provider: CredentialProvider, agent: AgentIdentity): void {
  if (status === 401) throw provider.onRefused(true, agent) ?? refused(status, host);
  if (status === 403) throw provider.kind === 'onecli' ? notAllowed(agent) : refused(status, host);
  if (status >= 500 || (status >= 300 && status < 400)) throw unreachable(host, `it answers ${status}`);
}

function refused(status: number, host: string): CredentialError {
  return new CredentialError(
    'credential-refused',
    `${host} refuses the key (${status}).`,
    './wharfie credentials --provider static (in a terminal of your own, with a new key: console.anthropic.com > API keys)',
  );
}

function noApi({ href }: URL): CredentialError {
  return new CredentialError(
    'base-url-wrong',
    `There is no model API at ${href}: it answers 404.`,
    './wharfie credentials --provider static --base-url https://api.anthropic.com (or the address of your own gateway)',
  );
}

function notAllowed({ name }: AgentIdentity): CredentialError {
  return new CredentialError(
    'onecli-refused',
    `OneCLI, or the key that agent ${name} has there, does not allow the call of the model API (403).`,
    "Look at this agent's rules and secret in OneCLI.",
  );
}

function unreachable(host: string, why: string, cause?: unknown): CredentialError {
  return new CredentialError(
    'api-unreachable',
    `${host} cannot be asked about the key: ${why}.`,
    './wharfie credentials --check, when the network is up and the address is right (--base-url <url> changes it)',
    { cause },
  );
}

/** `fetch failed` says nothing; what it wraps does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return codeOf(cause) || reasonOf(cause);
}
