import { type ChannelFacts, channels } from '../../src/channels/catalog.js';
import { pathsOf } from '../../src/config.js';
import { listEnabledChannels } from '../../src/db/enabled-channels.js';
import { listMessagingGroups } from '../../src/db/messaging-groups.js';
import { createEnvFile } from '../../src/env-file.js';
import { withPresentDb } from '../lib/installation.js';
import type { StepContext, StepResult } from '../lib/step.js';
import { barrelStates } from './barrel.js';
import { installedVersion } from './package.js';

/** Every channel of the catalog, with its facts and with what is done about it here. Secrets: only whether they are there. */
export async function listChannels(context: StepContext): Promise<StepResult> {
  const paths = pathsOf(context.home);
  const env = { ...createEnvFile(paths.envFile).read(), ...context.env };
  const lines = barrelStates(context.root);
  const { wired, remembered } = await withPresentDb(paths, (db) => ({
    wired: db ? listMessagingGroups(db).filter((chat) => chat.wired) : [],
    remembered: db ? listEnabledChannels(db).map((one) => one.channelType) : [],
  }));
  const listed = Object.values(channels).map((facts) => ({
    ...factsShown(facts),
    enabled: facts.type === 'cli' || lines.some((line) => line.type === facts.type && line.enabled),
    proven: facts.type === 'cli' || remembered.includes(facts.type),
    configured: facts.credentials.every((one) => !one.required || Boolean(env[one.name])),
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
