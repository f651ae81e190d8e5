import { z } from 'zod';
import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { missingCredentials } from '../catalog/index.js';
import { slackFacts } from '../catalog/slack.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createSlackRest, DEFAULT_API_URL } from './rest.js';

/** What the channel does needs each of these (OAuth & Permissions > Bot Token Scopes). */
export const SCOPES = [
  ['chat:write', 'users:read', 'reactions:read', 'reactions:write', 'files:read', 'files:write'],
  ['channels:read', 'channels:history', 'groups:read', 'groups:history'],
  ['im:read', 'im:history', 'mpim:read', 'mpim:history'],
].flat();

/**
 * Asks Slack about the tokens, and whether the app may do what the channel does. Of a signing secret Slack tells nothing.
 */
export async function checkSlackCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const apiUrl = env.SLACK_API_URL ?? DEFAULT_API_URL;
  const problems: CredentialProblem[] = [];
  for (const name of missingCredentials(slackFacts, env)) {
    const fix = slackFacts.credentials.find((one) => name.startsWith(one.name))?.where ?? '';
    problems.push({ name, message: 'It is missing.', fix });
  }
  for (const { name, where } of slackFacts.credentials) {
    const token = env[name];
    if (!token || name === 'SLACK_SIGNING_SECRET') continue;
    const rest = createSlackRest({ token, apiUrl, clock: systemClock, onTokenRefused: () => {} });
    const method = name === 'SLACK_APP_TOKEN' ? 'apps.connections.open' : 'auth.test';
    try {
      await rest.call(method, z.object({}), {}, signal);
    } catch (error) {
      const refused =
        error instanceof ChannelError &&
        (error.errorClass === 'permanent' || error.code === 'slack-token-refused');
      const rest = refused ? { fix: where } : notReached('Slack', error);
      problems.push({ name, message: reasonOf(error), ...rest });
      continue;
    }
    if (method === 'auth.test') problems.push(...missingScopes(name, rest.scopes()));
  }
  return problems;
}

function missingScopes(name: string, scopes: string[] | null): CredentialProblem[] {
  const missing = scopes ? SCOPES.filter((scope) => !scopes.includes(scope)) : [];
  if (missing.length === 0) return [];
  const message = `The app lacks ${missing.length === 1 ? 'the scope' : 'the scopes'} ${missing.join(', ')}.`;
  const fix =
    'api.slack.com/apps, your app > OAuth & Permissions > Bot Token Scopes: add, and install the app again.';
  return [{ name, accepted: true, message, fix }];
}
