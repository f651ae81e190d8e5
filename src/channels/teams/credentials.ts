import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { teamsFacts } from '../catalog/teams.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { accountOf, createAppTokens, DEFAULT_LOGIN_URL, isTokenRefusal } from './account.js';

/** Asks Microsoft for a token with the three of them, as the bot does before it speaks. */
export async function checkTeamsCredentials(deps: Pick<ChannelDeps, 'env'>): Promise<CredentialProblem[]> {
  const env = deps.env();
  const problems = teamsFacts.credentials.flatMap(({ name, where, pattern, label }) => {
    const value = env[name];
    if (value && pattern.test(value)) return [];
    return [{ name, message: value ? `It does not look like a ${label}.` : 'It is missing.', fix: where }];
  });
  if (problems.length > 0) return problems;
  const loginUrl = env.TEAMS_LOGIN_URL ?? DEFAULT_LOGIN_URL;
  const tokens = createAppTokens({ account: accountOf(env), loginUrl, clock: systemClock });
  try {
    await tokens.get();
    return [];
  } catch (error) {
    if (!isTokenRefusal(error)) {
      const rest = notReached('Microsoft', error);
      return [{ name: 'TEAMS_APP_PASSWORD', message: reasonOf(error), ...rest }];
    }
    const name = GUILTY[error.code] ?? 'TEAMS_APP_PASSWORD';
    const where = teamsFacts.credentials.find((one) => one.name === name)?.where ?? '';
    return [{ name, message: error.message, fix: where }];
  }
}

/** Which of the three a refusal is about, where Microsoft tells. */
const GUILTY: Readonly<Record<string, string>> = {
  'teams-token-refused-app': 'TEAMS_APP_ID',
  'teams-token-refused-tenant': 'TEAMS_APP_TENANT_ID',
};
