import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { missingCredentials } from '../catalog/index.js';
import { linearFacts } from '../catalog/linear.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createLinearApi, DEFAULT_API_URL, loginOf, viewerOf } from './api.js';

/** Asks Linear whether it takes the key, or the application. Of the webhook's secret Linear tells nothing. */
export async function checkLinearCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const where = (name: string) =>
    linearFacts.credentials.find((one) => name.startsWith(one.name))?.where ?? '';
  const missing = missingCredentials(linearFacts, env);
  const problems: CredentialProblem[] = missing.map((name) => ({
    ...{ name, message: 'It is missing.', fix: where(name) },
  }));
  if (missing.some((name) => name.startsWith('LINEAR_API_KEY'))) return problems;
  const login = loginOf(env);
  const name = 'apiKey' in login ? 'LINEAR_API_KEY' : 'LINEAR_CLIENT_SECRET';
  const apiUrl = env.LINEAR_API_URL ?? DEFAULT_API_URL;
  const api = createLinearApi({ login, apiUrl, clock: systemClock, onTokenRefused: () => {} });
  try {
    await viewerOf(api, signal);
    return problems;
  } catch (error) {
    const refused = error instanceof ChannelError && error.code === 'linear-token-refused';
    const rest = refused ? { fix: where(name) } : notReached('Linear', error);
    return [...problems, { name, message: reasonOf(error), ...rest }];
  }
}
