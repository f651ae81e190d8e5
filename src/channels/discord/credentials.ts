import { z } from 'zod';
import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { discordFacts } from '../catalog/discord.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createDiscordRest, DEFAULT_API_URL } from './rest.js';

/** Application flags: the Message Content Intent, granted, or switched on for a bot in fewer than 100 servers. */
const MAY_READ = (1 << 18) | (1 << 19);

const applicationSchema = z.object({
  id: z.string(),
  verify_key: z.string(),
  flags: z.number().default(0),
});

/** Asks Discord about the credentials: is the token valid, does the rest belong to it, may the bot read messages? */
export async function checkDiscordCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const token = env.DISCORD_BOT_TOKEN;
  const [tokenFact] = discordFacts.credentials;
  const where = tokenFact?.where ?? '';
  if (!token) return [{ name: 'DISCORD_BOT_TOKEN', message: 'It is missing.', fix: where }];
  const apiUrl = env.DISCORD_API_URL ?? DEFAULT_API_URL;
  const rest = createDiscordRest({ token, apiUrl, clock: systemClock, onTokenRefused: () => {} });
  try {
    return compare(env, await rest.read('/applications/@me', applicationSchema, signal));
  } catch (error) {
    const refused = error instanceof ChannelError && error.code === 'discord-token-refused';
    const rest = refused ? { fix: where } : notReached('Discord', error);
    return [{ name: 'DISCORD_BOT_TOKEN', message: reasonOf(error), ...rest }];
  }
}

function compare(
  env: ReturnType<ChannelDeps['env']>,
  application: z.infer<typeof applicationSchema>,
): CredentialProblem[] {
  const problems: CredentialProblem[] = [];
  const expected = { DISCORD_APPLICATION_ID: application.id, DISCORD_PUBLIC_KEY: application.verify_key };
  for (const [name, value] of Object.entries(expected)) {
    const given = env[name];
    if (!given || given.toLowerCase() === value.toLowerCase()) continue;
    problems.push({ name, message: 'It belongs to another application.', fix: `Set ${name}=${value}` });
  }
  if ((application.flags & MAY_READ) === 0) {
    problems.push({
      name: 'DISCORD_BOT_TOKEN',
      accepted: true,
      message: 'The bot may not read messages: the Message Content Intent is off.',
      fix: 'discord.com/developers/applications > your application > Bot > switch on Message Content Intent.',
    });
  }
  return problems;
}
