import { type ChannelFacts, channels, missingCredentials } from '../../src/channels/catalog.js';
import type { ChannelState } from '../../src/channels/cli/protocol.js';
import type { CredentialProblem } from '../../src/channels/module.js';
import type { CentralDb } from '../../src/db/central.js';
import { listEnabledChannels } from '../../src/db/enabled-channels.js';
import { listMessagingGroups } from '../../src/db/messaging-groups.js';
import { reasonOf } from '../../src/errors.js';
import { askPlatform } from '../channel/auth.js';
import type { BarrelLine } from '../channel/barrel.js';
import { installedVersion } from '../channel/package.js';
import type { StepContext } from '../lib/step.js';
import type { ChannelSituation } from './channels.js';
import type { Finding } from './types.js';

export interface ChannelsInput {
  db: CentralDb | null;
  lines: readonly BarrelLine[];
  env: Record<string, string | undefined>;
  /** What the running host says; null: none runs. */
  health: readonly ChannelState[] | null;
  offline: boolean;
  /** Only this one. */
  only: string | undefined;
}

/** Every channel of the catalog that can be switched, as it is here. The platforms are asked side by side. */
export function gatherChannels(context: StepContext, input: ChannelsInput): Promise<ChannelSituation[]> {
  const looked = Object.values(channels).filter(
    (facts) => facts.transport !== 'local' && (input.only === undefined || facts.type === input.only),
  );
  return Promise.all(looked.map((facts) => situationOf(context, facts, input)));
}

/** Lines of the barrel for which there is no code. */
export function unknownChannels(lines: readonly BarrelLine[]): Finding[] {
  return lines
    .filter((line) => line.enabled && !Object.hasOwn(channels, line.type))
    .map(({ type }) => ({
      id: 'channel-unknown',
      layer: 'channels',
      severity: 'error',
      message: `src/channels/index.ts enables ${type}, which is no channel of this version.`,
      fix: 'Take that line out of src/channels/index.ts.',
    }));
}

async function situationOf(
  context: StepContext,
  facts: ChannelFacts,
  { db, lines, env, health, offline }: ChannelsInput,
): Promise<ChannelSituation> {
  const { type, credentials } = facts;
  const line = lines.find((one) => one.type === type);
  const present = credentials.filter((one) => env[one.name]);
  const malformed = present.filter((one) => !one.pattern.test(env[one.name] ?? ''));
  const complete = missingCredentials(facts, env).length === 0;
  const ask = !offline && line?.enabled === true && complete && malformed.length === 0;
  const wired = db ? listMessagingGroups(db).filter((chat) => chat.wired && chat.channelType === type) : [];
  return {
    facts,
    line: line === undefined ? 'none' : line.enabled ? 'on' : 'off',
    remembered: db !== null && listEnabledChannels(db).some((one) => one.channelType === type),
    installed: facts.package && installedVersion(context.root, facts.package.name),
    present: present.map((one) => one.name),
    malformed: malformed.map((one) => one.name),
    problems: ask ? await platformProblems(context, facts, env) : null,
    health: health?.find((one) => one.channelType === type) ?? null,
    wired: wired.length,
  };
}

async function platformProblems(
  context: StepContext,
  facts: ChannelFacts,
  env: ChannelsInput['env'],
): Promise<CredentialProblem[]> {
  try {
    return await askPlatform(context, facts, env);
  } catch (error) {
    const fix = 'Check the network, then run this step again (or --offline, to leave the platforms out).';
    return [{ name: facts.credentials[0]?.name ?? facts.type, message: reasonOf(error), fix }];
  }
}
