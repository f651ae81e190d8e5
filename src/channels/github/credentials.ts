import { githubFacts } from '../catalog/github.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { DEFAULT_API_URL, ownerOf } from './user.js';

/** Asks GitHub whose token it is and what it may. Of the secret GitHub tells nothing. */
export async function checkGitHubCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const where = (name: string) => githubFacts.credentials.find((one) => one.name === name)?.where ?? '';
  const problems: CredentialProblem[] = ['GITHUB_TOKEN', 'GITHUB_WEBHOOK_SECRET']
    .filter((name) => !env[name])
    .map((name) => ({ name, message: 'It is missing.', fix: where(name) }));
  const token = env.GITHUB_TOKEN;
  if (!token) return problems;
  const name = 'GITHUB_TOKEN';
  try {
    const owner = await ownerOf(token, env.GITHUB_API_URL ?? DEFAULT_API_URL, signal);
    if (typeof owner === 'number') {
      if (owner !== 401 && owner !== 403) {
        const message = `GitHub does not tell whose token it is (${owner}).`;
        return [...problems, { name, message, ...notReached('GitHub', null) }];
      }
      const message = `GitHub refused the token (${owner}).`;
      return [...problems, { name, message, fix: where(name) }];
    }
    if (owner.scopes && !owner.scopes.includes('repo') && !owner.scopes.includes('public_repo')) {
      const fix = 'Edit the classic token: tick the scope repo (public_repo for public repositories only).';
      problems.push({ name, accepted: true, message: 'The token lacks the scope repo.', fix });
    }
    const wanted = env.GITHUB_BOT_USERNAME?.replace(/^@/, '').toLowerCase();
    if (wanted && wanted !== owner.login.toLowerCase()) {
      const message = `The token belongs to ${owner.login}.`;
      const fix = `Set it to ${owner.login}, or make the token as the account that it names.`;
      problems.push({ name: 'GITHUB_BOT_USERNAME', message, fix });
    }
    return problems;
  } catch (thrown) {
    const { message } = networkErrorOf(thrown, githubFacts);
    return [...problems, { name, message, ...notReached('GitHub', thrown) }];
  }
}
