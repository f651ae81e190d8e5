import type { ChannelState, HostAbout } from '../../src/channels/cli/protocol.js';
import { CLI_ADDRESS } from '../../src/channels/cli.js';
import type { Config } from '../../src/config.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { findMessagingGroup, listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listWiredAgents } from '../../src/db/central/wirings.js';
import type { EnvValues } from '../../src/env-file.js';
import { reasonOf, WharfieError } from '../../src/errors.js';
import { askAbout, askChat } from '../lib/ask-host.js';
import type { DockerState } from '../lib/docker-state.js';
import type { Fields, StepContext } from '../lib/step.js';
import { gatherChats, judgeChats } from './chats.js';
import { gatherContainers, judgeContainers } from './containers.js';
import { gatherDoors, judgeDoors } from './doors.js';
import { connectHost, type HostClient } from './host-client.js';
import { postToChats, untilConnected } from './live.js';
import { createParts } from './parts.js';
import { judgeAnswerer, newNonce, roundTrip } from './round-trip.js';
import { startTemporaryHost } from './temporary-host.js';
import type { Finding, LookOptions } from './types.js';

export interface LiveInput {
  config: Config;
  env: { read(): EnvValues };
  db: CentralDb | null;
  docker: DockerState;
  hostRunning: boolean;
  options: LookOptions;
  /** What was found so far: where the ground is broken no host is started on it. */
  below: readonly Finding[];
}

export interface LiveResult {
  findings: Finding[];
  /** A host was asked. */
  asked: boolean;
  /** What it was started with; null: it does not say. */
  about: HostAbout | null;
  /** What it says of its channels; null: none that serves platforms was asked. */
  health: ChannelState[] | null;
  fields: Fields;
}

const NOBODY = { asked: false, about: null, health: null };

/** Asks a host to carry a message round: the one that runs, else one that is started for it and ended again. */
export async function runLive(context: StepContext, input: LiveInput): Promise<LiveResult> {
  const { hostRunning, options } = input;
  const broken = brokenGround(input.below);
  if (!input.db || (broken && !hostRunning)) {
    const fields = { ROUND_TRIP: `skipped: ${broken?.id ?? 'database-missing'}` };
    return { ...NOBODY, findings: [], fields };
  }
  const { data } = input.config.paths;
  // Offline no platform is served either.
  const terminalOnly = options.terminalOnly || options.offline;
  const silent = !hostRunning && terminalOnly;
  try {
    const temporary = hostRunning ? null : await startTemporaryHost(context, data, { terminalOnly });
    try {
      const about = await askAbout({ dataDir: data, clock: context.clock });
      const host = await connectHost(data, context.clock);
      try {
        const found = await ask(context, host, input.db, {
          ...input,
          silent: silent || about?.terminalOnly === true,
        });
        return { ...found, about, asked: true };
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
      fix:
        told?.fix ?? './wharfie service (which starts it anew); the end of data/logs/wharfie.log tells more',
    };
    return { ...NOBODY, findings: [finding], fields: { ROUND_TRIP: 'failed' } };
  }
}

async function ask(
  context: StepContext,
  host: HostClient,
  db: CentralDb,
  input: LiveInput & { silent: boolean },
): Promise<Omit<LiveResult, 'about' | 'asked'>> {
  const { options, docker, config, env } = input;
  const { offline, only } = options;
  const nonce = newNonce();
  const findings: Finding[] = [];
  const fields: Fields = {};
  const reachesApi = terminalProvider(db) === 'claude';
  const cause = reachesApi ? knownCause(input.below) : undefined;
  if (offline && reachesApi) fields.ROUND_TRIP = 'skipped: offline';
  else if (cause) fields.ROUND_TRIP = `skipped: ${cause.id}`;
  else {
    context.say('Saying a word in the terminal, to see that it comes round.');
    const trip = await roundTrip(host, nonce);
    findings.push(...trip.findings);
    for (const text of trip.others) context.show(`It was waiting for the terminal: ${text}`);
    fields.ROUND_TRIP = trip.result;
    const by = reachesApi ? 'claude' : 'mock';
    fields.ANSWERED_BY = by;
    findings.push(...judgeAnswerer(by, claudeChats(db)));
  }
  if (docker.docker) {
    const { calls } = docker.docker;
    const parts = createParts(context);
    const of = (what: string, work: () => Promise<Finding[]>) => parts.look(what, 'round-trip', work, []);
    const { installationId } = config;
    findings.push(
      ...(await of('The containers', async () =>
        judgeContainers(await gatherContainers(calls, installationId), secretsOf(env.read())),
      )),
      ...(await of('The doors of the containers', async () =>
        judgeDoors(await gatherDoors(calls, installationId, context.clock)),
      )),
      ...parts.findings,
    );
  }
  if (input.silent) return { findings, health: null, fields };
  if (!offline) await untilConnected({ host, clock: context.clock });
  const health = await host.channels();
  const chats = listMessagingGroups(db).filter(
    ({ wired, channelType }) =>
      wired && channelType !== CLI_ADDRESS.channelType && (only === undefined || channelType === only),
  );
  if (options.live) {
    const { posted, findings: failed } = await postToChats(host, chats, nonce);
    findings.push(...failed);
    fields.LIVE = `${posted} of ${chats.length}`;
    fields.NONCE = nonce;
  } else if (!offline && health) {
    const asked = { dataDir: config.paths.data, clock: context.clock };
    findings.push(...judgeChats(await gatherChats(chats, health, (chat) => askChat(asked, chat))));
  }
  return { findings, health, fields };
}

/** Where the ground is broken no host is started on it. */
const GROUND = new Set([
  'config-invalid',
  'env-unreadable',
  'node-too-old',
  'node-changed',
  'data-not-writable',
  'data-read-only',
  'disk-full',
  'database-damaged',
  'database-locked',
  'database-newer',
  'database-unusable',
  'barrel-damaged',
  'restore-unfinished',
]);

function brokenGround(below: readonly Finding[]): Finding | undefined {
  return below.find((one) => GROUND.has(one.id));
}

/** Why an agent of Claude's cannot answer, where that is known already: nobody has to wait until it does not. */
function knownCause(below: readonly Finding[]): Finding | undefined {
  return below.find(
    ({ id, layer, severity }) =>
      severity === 'error' && (layer === 'credentials' || /^(?:docker|engine|image|disk)-/.test(id)),
  );
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
function secretsOf(env: EnvValues): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/.test(name) && value.length >= 8 ? [value] : [],
  );
}
