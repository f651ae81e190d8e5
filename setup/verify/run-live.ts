import type { ChannelState } from '../../src/channels/cli/protocol.js';
import { CLI_ADDRESS } from '../../src/channels/cli.js';
import type { Config } from '../../src/config.js';
import type { CentralDb } from '../../src/db/central.js';
import { findMessagingGroup, listMessagingGroups } from '../../src/db/messaging-groups.js';
import { listWiredAgents } from '../../src/db/wirings.js';
import type { EnvFile } from '../../src/env-file.js';
import { reasonOf, WharfieError } from '../../src/errors.js';
import type { DockerState } from '../lib/docker-state.js';
import type { Fields, StepContext } from '../lib/step.js';
import { gatherContainers, judgeContainers } from './containers.js';
import { connectHost, type HostClient } from './host-client.js';
import { postToChats, untilConnected } from './live.js';
import { judgeAnswerer, newNonce, roundTrip } from './round-trip.js';
import { startTemporaryHost } from './temporary-host.js';
import type { Finding, LookOptions } from './types.js';

export interface LiveInput {
  config: Config;
  env: EnvFile;
  db: CentralDb | null;
  docker: DockerState;
  hostRunning: boolean;
  options: LookOptions;
  /** What was found so far: where the ground is broken no host is started on it. */
  below: readonly Finding[];
}

export interface LiveResult {
  findings: Finding[];
  /** What the host says of its channels; null: none was asked. */
  health: ChannelState[] | null;
  fields: Fields;
}

const GROUND = new Set([
  'node-too-old',
  'data-not-writable',
  'disk-full',
  'database-damaged',
  'database-newer',
  'barrel-damaged',
]);

/** Asks a host to carry a message round: the one that runs, else one that is started for it and ended again. */
export async function runLive(context: StepContext, input: LiveInput): Promise<LiveResult> {
  const broken = input.below.find((one) => GROUND.has(one.id));
  if (broken || !input.db) {
    return {
      findings: [],
      health: null,
      fields: { ROUND_TRIP: `skipped: ${broken?.id ?? 'database-missing'}` },
    };
  }
  const { data } = input.config.paths;
  try {
    const temporary = input.hostRunning ? null : await startTemporaryHost(context, data, input.options);
    try {
      const host = await connectHost(data, context.clock);
      try {
        return await ask(context, host, input.db, input);
      } finally {
        host.close();
      }
    } finally {
      await temporary?.stop();
    }
  } catch (error) {
    const told = error instanceof WharfieError ? error : null;
    const finding: Finding = {
      id: told?.code ?? 'host-silent',
      layer: 'round-trip',
      severity: 'error',
      message: told?.message ?? `The host cannot be asked: ${reasonOf(error)}`,
      fix: told?.fix ?? 'Look at the end of data/logs/wharfie.log.',
    };
    return { findings: [finding], health: null, fields: { ROUND_TRIP: 'failed' } };
  }
}

async function ask(
  context: StepContext,
  host: HostClient,
  db: CentralDb,
  input: LiveInput,
): Promise<LiveResult> {
  const { options, docker, config, env } = input;
  const nonce = newNonce();
  const findings: Finding[] = [];
  const fields: Fields = {};
  const reachesApi = terminalProvider(db) === 'claude';
  if (options.offline && reachesApi) fields.ROUND_TRIP = 'skipped: offline';
  else {
    context.say('Saying a word in the terminal, to see that it comes round.');
    const trip = await roundTrip(host, nonce);
    findings.push(...trip.findings);
    fields.ROUND_TRIP = trip.result;
    const by = reachesApi ? 'claude' : 'mock';
    fields.ANSWERED_BY = by;
    findings.push(...judgeAnswerer(by, claudeChats(db)));
  }
  if (docker.docker) {
    const containers = await gatherContainers(docker.docker.calls, config.installationId);
    findings.push(...judgeContainers(containers, secretsOf(env)));
  }
  if (options.offline) return { findings, health: null, fields };
  await untilConnected({ host, clock: context.clock });
  if (options.live) {
    const chats = listMessagingGroups(db).filter(
      (chat) =>
        chat.wired &&
        chat.channelType !== CLI_ADDRESS.channelType &&
        (options.only === undefined || chat.channelType === options.only),
    );
    const { posted, findings: failed } = await postToChats(host, chats, nonce);
    findings.push(...failed);
    fields.LIVE = `${posted} of ${chats.length}`;
    fields.NONCE = nonce;
  }
  return { findings, health: await host.channels(), fields };
}

/** Who answers in the terminal; the host may have wired it a moment ago. */
function terminalProvider(db: CentralDb): string | null {
  const chat = findMessagingGroup(db, CLI_ADDRESS.channelType, CLI_ADDRESS.platformId);
  const [first] = chat ? listWiredAgents(db, chat.id).usable : [];
  return first?.agentGroup.agentProvider ?? null;
}

/** Chats of platforms that an agent of Claude's answers. */
function claudeChats(db: CentralDb): number {
  return listMessagingGroups(db).filter(
    (chat) =>
      chat.wired &&
      chat.channelType !== CLI_ADDRESS.channelType &&
      listWiredAgents(db, chat.id).usable.some(({ agentGroup }) => agentGroup.agentProvider === 'claude'),
  ).length;
}

/** Values of `.env` that are long enough to be a secret and are called one. */
function secretsOf(env: EnvFile): string[] {
  return Object.entries(env.read()).flatMap(([name, value]) =>
    /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/.test(name) && value.length >= 8 ? [value] : [],
  );
}
