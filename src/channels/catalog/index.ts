import { WharfieError } from '../../errors.js';
import { cliFacts } from './cli.js';
import { discordFacts } from './discord.js';
import { gchatFacts } from './gchat.js';
import { githubFacts } from './github.js';
import { linearFacts } from './linear.js';
import { resendFacts } from './resend.js';
import { slackFacts } from './slack.js';
import { teamsFacts } from './teams.js';
import { telegramFacts } from './telegram.js';
import type { ChannelFacts } from './types.js';
import { whatsappCloudFacts } from './whatsapp-cloud.js';

export { insteadOf, missingCredentials, transportOf } from './credentials.js';
export { howToSend, linksToBot } from './say-to-bot.js';
export type { ChannelFacts, ChannelTransport, CredentialFact, PlatformIdFact } from './types.js';

/** The channels whose code exists, by their type. The only place that states these facts. */
export const channels: Readonly<Record<string, ChannelFacts>> = {
  cli: cliFacts,
  discord: discordFacts,
  telegram: telegramFacts,
  slack: slackFacts,
  github: githubFacts,
  linear: linearFacts,
  gchat: gchatFacts,
  teams: teamsFacts,
  'whatsapp-cloud': whatsappCloudFacts,
  resend: resendFacts,
};

/** Codes: `unknown-channel` `platform-id-invalid` `platform-id-incomplete`. */
export class CatalogError extends WharfieError {}

export function factsOf(channelType: string): ChannelFacts {
  const facts = Object.hasOwn(channels, channelType) ? channels[channelType] : undefined;
  if (facts) return facts;
  throw new CatalogError(
    'unknown-channel',
    `There is no channel ${JSON.stringify(channelType)}.`,
    `Known channels: ${Object.keys(channels).join(', ')}.`,
  );
}

/** The channel type that a platform id's prefix names (also an alias of an earlier version), or null. */
export function channelOf(platformId: string): string | null {
  const prefix = platformId.trim().split(':', 1)[0]?.toLowerCase();
  for (const facts of Object.values(channels)) {
    if (facts.idPrefix === prefix || facts.platformId.aliases.some((alias) => alias === prefix)) {
      return facts.type;
    }
  }
  return null;
}

/** Whether a stored id names a group; null where ids of that channel do not tell. */
export function isGroupChat(channelType: string, platformId: string): boolean | null {
  return factsOf(channelType).platformId.isGroup?.(platformId) ?? null;
}

/** The user id at the other end of a direct message, where a stored id tells it; else null. */
export function counterpartOf(channelType: string, platformId: string): string | null {
  return factsOf(channelType).platformId.counterpart?.(platformId) ?? null;
}

/**
 * The one form in which a chat's id is stored: every writer and every adapter goes through here, so that what was
 * registered and what arrives are equal. Takes the id with its prefix, with an alias, or bare.
 * Throws `platform-id-incomplete` where only the platform can tell the rest (`ChannelAdapter.resolveChat`).
 */
export function normalizePlatformId(channelType: string, raw: string): string {
  const facts = factsOf(channelType);
  const { pattern, aliases, example, where, partial, normalizeRest } = facts.platformId;
  const id = raw.normalize('NFKC').trim();
  const prefix = [facts.idPrefix, ...aliases].find((known) => id.toLowerCase().startsWith(`${known}:`));
  const rest = prefix === undefined ? id : id.slice(prefix.length + 1).trim();
  const normalized = normalizeRest(rest);
  if (normalized !== null) {
    const stored = `${facts.idPrefix}:${normalized}`;
    if (pattern.test(stored)) return stored;
  }
  const fix = `Give it as ${example}. ${where}`;
  const shown = JSON.stringify(raw.slice(0, 100));
  if (partial?.test(rest)) {
    throw new CatalogError(
      'platform-id-incomplete',
      `In ${facts.label} ${shown} names a place, but not where it is.`,
      fix,
    );
  }
  throw new CatalogError('platform-id-invalid', `No ${facts.label} chat has the id ${shown}.`, fix);
}
