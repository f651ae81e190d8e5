import {
  type ChannelFacts,
  channels,
  missingCredentials,
  transportOf,
} from '../../src/channels/catalog/index.js';
import { webhookPath, webhookUrl } from '../../src/channels/webhooks/address.js';
import { pathsOf } from '../../src/config.js';
import { listEnabledChannels } from '../../src/db/central/enabled-channels.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { createEnvFile } from '../../src/env-file.js';
import { withPresentDb } from '../lib/installation.js';
import type { StepContext, StepResult } from '../lib/step.js';
import { barrelStates } from './barrel.js';
import { installedVersion } from './package.js';

/** Every channel of the catalog or only one, with its facts and with what is done about it here. Secrets: only whether they are there. */
export async function listChannels(context: StepContext, only: ChannelFacts | null): Promise<StepResult> {
  const paths = pathsOf(context.home);
  const env = { ...createEnvFile(paths.envFile).read(), ...context.env };
  const lines = barrelStates(context.root);
  const { wired, remembered } = await withPresentDb(paths, (db) => ({
    wired: db ? listMessagingGroups(db).filter((chat) => chat.wired) : [],
    remembered: db ? listEnabledChannels(db).map((one) => one.channelType) : [],
  }));
  const listed = (only ? [only] : Object.values(channels)).map((facts) => ({
    ...factsShown(facts),
    enabled: facts.type === 'cli' || lines.some((line) => line.type === facts.type && line.enabled),
    proven: facts.type === 'cli' || remembered.includes(facts.type),
    webhook: transportOf(facts, env) === 'webhook' ? calledAt(facts.type, env.WHARFIE_PUBLIC_URL) : null,
    configured: missingCredentials(facts, env).length === 0,
    installed: facts.package && installedVersion(context.root, facts.package.name),
    credentials: facts.credentials.map(({ name, label, required, secret, where }) => ({
      name,
      label,
      required,
      secret,
      where,
      present: Boolean(env[name]),
    })),
    chats: wired.filter((chat) => chat.channelType === facts.type).length,
  }));
  const named = (which: 'enabled' | 'configured') =>
    listed
      .filter((one) => one[which])
      .map((one) => one.type)
      .join(', ') || 'none';
  return {
    status: 'success',
    fields: {
      COUNT: listed.length,
      ENABLED: named('enabled'),
      CONFIGURED: named('configured'),
      CHANNELS: listed,
    },
  };
}

/** Under which path of this machine, and which address of the world, its platform calls. */
function calledAt(type: string, publicUrl: string | undefined) {
  return { path: webhookPath(type), url: webhookUrl(publicUrl, type) };
}

function factsShown({ type, label, package: needed, transport, platformId, capabilities }: ChannelFacts) {
  return {
    type,
    label,
    package: needed && `${needed.name}@${needed.version}`,
    transport,
    threads: capabilities.threads,
    platformId: { example: platformId.example, where: platformId.where, pattern: platformId.pattern.source },
  };
}
