import { type ChannelFacts, channels, missingCredentials } from '../../src/channels/catalog/index.js';
import type { ChannelState } from '../../src/channels/cli/protocol.js';
import type { CredentialProblem } from '../../src/channels/module.js';
import { listEnabledChannels } from '../../src/db/central/enabled-channels.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
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
  /** What the running host says of its channels; null: none that serves platforms was asked. */
  health: readonly ChannelState[] | null;
  /** How the host is started anew. */
  restart: string;
  offline: boolean;
  /** Channels whose platform a proxy keeps away. */
  keptAway: ReadonlySet<string>;
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
      fix: 'git checkout src/channels/index.ts, then ./wharfie channel --enable for each channel that you use',
    }));
}

async function situationOf(
  context: StepContext,
  facts: ChannelFacts,
  { db, lines, env, health, offline, restart, keptAway }: ChannelsInput,
): Promise<ChannelSituation> {
  const { type, credentials } = facts;
  const line = lines.find((one) => one.type === type);
  const present = credentials.filter((one) => env[one.name]);
  const malformed = present.filter((one) => !one.pattern.test(env[one.name] ?? ''));
  const complete = missingCredentials(facts, env).length === 0;
  const ask = !offline && !keptAway.has(type) && line?.enabled === true && complete && malformed.length === 0;
  const wired = db ? listMessagingGroups(db).filter((chat) => chat.wired && chat.channelType === type) : [];
  return {
    facts,
    line: line === undefined ? 'none' : line.enabled ? 'on' : 'off',
    remembered: db !== null && listEnabledChannels(db).some((one) => one.channelType === type),
    installed: facts.package && installedVersion(context.root, facts.package.name),
    present: present.map((one) => one.name),
    malformed: malformed.map((one) => `${one.name}${oddness(env[one.name] ?? '')}`),
    problems: ask ? await platformProblems(context, facts, env) : null,
    health: health && (health.find((one) => one.channelType === type) ?? 'not-loaded'),
    restart,
    wired: wired.length,
  };
}

/** What a person does not see in a line of `.env`. */
function oddness(value: string): string {
  if (/["'`]/.test(value)) return ' (with a quote that has no partner)';
  if (/\s/.test(value)) return ' (with a blank in it)';
  return /[^\x21-\x7e]/.test(value) ? ' (with a character that does not belong there)' : '';
}

async function platformProblems(
  context: StepContext,
  facts: ChannelFacts,
  env: ChannelsInput['env'],
): Promise<CredentialProblem[]> {
  try {
    return await askPlatform(context, facts, env);
  } catch (error) {
    const name = facts.credentials[0]?.name ?? facts.type;
    return [{ name, message: reasonOf(error), fix: '', unreachable: true }];
  }
}
