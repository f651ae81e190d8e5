import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { channels, missingCredentials } from '../src/channels/catalog/index.js';
import { pathsOf } from '../src/config.js';
import { sortAgentGroups } from '../src/db/central/bad-rows.js';
import { listMessagingGroups } from '../src/db/central/messaging-groups.js';
import { checkImage } from '../src/engine/docker/check.js';
import { runnerHash } from '../src/engine/docker/index.js';
import { codeOf } from '../src/errors.js';
import { hostState } from '../src/host/state.js';
import { barrelStates } from './channel/barrel.js';
import { providerOf } from './credentials/provider.js';
import { nextOf } from './environment/next.js';
import { dockerState } from './lib/docker-state.js';
import { configurationOf, withPresentDb } from './lib/installation.js';
import type { Fields, Step, StepContext } from './lib/step.js';
import { diskFacts } from './verify/gather-machine.js';
import { judgeMachine } from './verify/machine.js';
import type { Problem } from './verify/types.js';

export const environment: Step = {
  name: 'environment',
  class: 'reads',
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
    const { data, home } = pathsOf(context.home);
    // What is still to be set up fails nothing; what keeps it from being set up does.
    const [first] = judgeMachine({
      node: process.versions.node,
      ...diskFacts(existsSync(data) ? data : home),
      docker: await dockerProblem(context),
      needsDocker: true,
      clockSkewMs: null,
    }).filter((one) => one.severity === 'error');
    if (!first) return { status: 'success', fields };
    const { id, message, fix } = first;
    if (id === 'node-too-old') {
      return { status: 'failed', error: id, message, fix, precondition: true, fields };
    }
    return { status: 'success', found: true, fields: { ...fields, FOUND: `${id}: ${message}`, FIX: fix } };
  },
};

async function dockerProblem(context: StepContext): Promise<Problem | null> {
  const found = await dockerState(context.env, configurationOf(context).config.dockerSocket);
  return found.docker === null ? found.problem : null;
}

function platform(): string {
  if (process.platform === 'darwin') return 'macos';
  return process.platform === 'linux' && /microsoft/i.test(release()) ? 'wsl' : process.platform;
}

function countOf({ usable, bad }: ReturnType<typeof sortAgentGroups>): number {
  return usable.length + bad.length;
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
    AGENT_GROUPS: db ? countOf(sortAgentGroups(db)) : 0,
    REGISTERED_GROUPS: db
      ? listMessagingGroups(db).filter((chat) => chat.wired && chat.channelType !== 'cli').length
      : 0,
  }));
}
