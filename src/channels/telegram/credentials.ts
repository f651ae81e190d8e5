import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { telegramFacts } from '../catalog/telegram.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createTelegramApi, DEFAULT_API_URL, selfSchema } from './api.js';

const NAME = 'TELEGRAM_BOT_TOKEN';

/** Asks Telegram about the token. */
export async function checkTelegramCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const { [NAME]: token, TELEGRAM_API_URL: apiUrl = DEFAULT_API_URL } = deps.env();
  const where = telegramFacts.credentials[0]?.where ?? '';
  if (!token) return [{ name: NAME, message: 'It is missing.', fix: where }];
  const api = createTelegramApi({ token, apiUrl, clock: systemClock, onTokenRefused: () => {} });
  try {
    await api.read('getMe', selfSchema, {}, { signal });
    return [];
  } catch (error) {
    const refused = error instanceof ChannelError && error.code === 'telegram-token-refused';
    const rest = refused ? { fix: where } : notReached('Telegram', error);
    return [{ name: NAME, message: reasonOf(error), ...rest }];
  }
}
