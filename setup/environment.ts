import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { channels, missingCredentials } from '../src/channels/catalog.js';
import { listAgentGroups } from '../src/db/agent-groups.js';
import { listMessagingGroups } from '../src/db/messaging-groups.js';
import { checkImage } from '../src/engine/docker/check.js';
import { runnerHash } from '../src/engine/docker.js';
import { codeOf } from '../src/errors.js';
import { hostState } from '../src/host-state.js';
import { barrelStates } from './channel/barrel.js';
import { providerOf } from './credentials/provider.js';
import { nextOf } from './environment/next.js';
import { dockerState } from './lib/docker-state.js';
import { configurationOf, withPresentDb } from './lib/installation.js';
import type { Fields, Step, StepContext } from './lib/step.js';

const LEAST_NODE = [20, 19] as const;

export const environment: Step = {
  name: 'environment',
  summary: 'looks at this machine and at what is set up here already; changes nothing',
  flags: [],
  async run(_flags, context) {
    const found = {
      PLATFORM: platform(),
      NODE: process.versions.node,
      ...(await dockerFields(context)),
      ...(await presentFields(context)),
    };
    const fields = { ...found, NEXT: nextOf(found) };
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) {
      return { status: 'success', fields };
    }
    return {
      status: 'failed',
      error: 'node-too-old',
      message: `Node ${process.versions.node} is too old: ${LEAST_NODE.join('.')} or later is needed.`,
      fix: 'Install Node 24 (https://nodejs.org), then npm install, then run this step again.',
      precondition: true,
      fields,
    };
  },
};

function platform(): string {
  if (process.platform === 'darwin') return 'macos';
  return process.platform === 'linux' && /microsoft/i.test(release()) ? 'wsl' : process.platform;
}

async function dockerFields(context: StepContext): Promise<Fields> {
  const { config } = configurationOf(context);
  const found = await dockerState(context.env, config.dockerSocket);
  if (found.docker === null) {
    const { code, message, fix } = found.problem;
    return {
      DOCKER: found.state,
      DOCKER_USABLE: false,
      DOCKER_PROBLEM: `${code}: ${message}`,
      DOCKER_FIX: fix,
    };
  }
  const image = await checkImage(found.docker.calls, config.image, await runnerHash(context.root)).then(
    () => 'present',
    (error: unknown) => codeOf(error).replace('image-', ''),
  );
  return { DOCKER: found.state, DOCKER_USABLE: true, IMAGE: image };
}

async function presentFields(context: StepContext): Promise<Fields> {
  const { env, config } = configurationOf(context);
  const { paths } = config;
  const settings = env.read();
  const provider = providerOf(context, settings, context.env);
  const host = await hostState(paths.data);
  const enabled = barrelStates(context.root).filter((line) => line.enabled);
  const configured = enabled.filter(({ type }) => {
    const facts = channels[type];
    return facts && missingCredentials(facts, { ...settings, ...context.env }).length === 0;
  });
  return withPresentDb(paths, (db) => ({
    HOME: paths.home,
    ENV_FILE: existsSync(paths.envFile),
    DATABASE: db !== null,
    HOST: host.running ? 'running' : 'stopped',
    ASSISTANT_NAME: config.assistantName,
    TIMEZONE: config.timeZone,
    CREDENTIAL: provider.missing() === null ? 'configured' : 'missing',
    CHANNELS_ENABLED: enabled.map((line) => line.type).join(', ') || 'none',
    CHANNELS_CONFIGURED: configured.map((line) => line.type).join(', ') || 'none',
    AGENT_GROUPS: db ? listAgentGroups(db).length : 0,
    REGISTERED_GROUPS: db
      ? listMessagingGroups(db).filter((chat) => chat.wired && chat.channelType !== 'cli').length
      : 0,
  }));
}
