import { z } from 'zod';
import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { gchatFacts } from '../catalog/gchat.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createAccountTokens, DEFAULT_TOKEN_URL, parseServiceAccount } from './account.js';
import { createGoogleChatRest, DEFAULT_API_URL } from './rest.js';

const [KEY, PROJECT] = gchatFacts.credentials;

/** Asks Google for a token for the key, and with it for the app's spaces: so the API is on and the app is set up. */
export async function checkGoogleChatCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const problems: CredentialProblem[] = [];
  if (!PROJECT?.pattern.test(env.GCHAT_PROJECT_NUMBER ?? '')) {
    const message = env.GCHAT_PROJECT_NUMBER ? 'It is no project number.' : 'It is missing.';
    problems.push({ name: 'GCHAT_PROJECT_NUMBER', message, fix: PROJECT?.where ?? '' });
  }
  const name = 'GCHAT_CREDENTIALS';
  const fix = KEY?.where ?? '';
  const account = parseServiceAccount(env.GCHAT_CREDENTIALS ?? '');
  if (!account) {
    const message = env.GCHAT_CREDENTIALS
      ? 'It is no service account key, or not all of it.'
      : 'It is missing.';
    return [...problems, { name, message, fix }];
  }
  const clock = systemClock;
  const tokens = createAccountTokens({ account, tokenUrl: env.GCHAT_TOKEN_URL ?? DEFAULT_TOKEN_URL, clock });
  const apiUrl = env.GCHAT_API_URL ?? DEFAULT_API_URL;
  const rest = createGoogleChatRest({ tokens, apiUrl, clock, onTokenRefused: () => {} });
  try {
    const query = { pageSize: '1' };
    await rest.call({ method: 'GET', path: 'spaces', query, signal }, z.object({}));
  } catch (error) {
    problems.push({ name, ...problemOf(error, fix) });
  }
  return problems;
}

function problemOf(error: unknown, where: string): Omit<CredentialProblem, 'name'> {
  const code = error instanceof ChannelError ? error.code : '';
  const message = reasonOf(error);
  if (code === 'gchat-token-refused') return { message, fix: where };
  if (error instanceof ChannelError && error.errorClass === 'permanent') {
    const fix =
      code === 'gchat-api-disabled'
        ? error.fix
        : 'console.cloud.google.com, your project > APIs & Services > Google Chat API > Configuration: fill it in and save.';
    return { accepted: true, message, fix };
  }
  return { message, ...notReached('Google', error) };
}
