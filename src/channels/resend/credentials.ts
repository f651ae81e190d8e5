import { z } from 'zod';
import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { emailAddressIn, resendFacts } from '../catalog/resend.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createResendApi, DEFAULT_API_URL, LIST_PATH, type ResendApi } from './api.js';

/** The domains of the account (resend.com/docs/api-reference/domains/list-domains). */
const domainsSchema = z.object({
  data: z.array(z.object({ name: z.string(), status: z.string() })),
});

/** Asks Resend about the key, and whether it may send from the address. Only a call of its own shows the signing secret. */
export async function checkResendCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const missing = resendFacts.credentials.filter(({ name, required }) => required && !env[name]);
  if (missing.length > 0) {
    return missing.map(({ name, where }) => ({ name, message: 'It is missing.', fix: where }));
  }
  const { RESEND_API_KEY: key = '', RESEND_API_URL: apiUrl = DEFAULT_API_URL } = env;
  const api = createResendApi({ key, apiUrl, clock: systemClock, onKeyRefused: () => {} });
  try {
    await api.read(LIST_PATH, z.object({}), signal);
    return await addressProblems(api, env.RESEND_FROM_ADDRESS ?? '', signal);
  } catch (error) {
    const refused = error instanceof ChannelError && error.code === 'resend-key-refused';
    const rest = refused ? { fix: whereOf('RESEND_API_KEY') } : notReached('Resend', error);
    return [{ name: 'RESEND_API_KEY', message: reasonOf(error), ...rest }];
  }
}

async function addressProblems(
  api: ResendApi,
  from: string,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const name = 'RESEND_FROM_ADDRESS';
  const domain = emailAddressIn(from)?.split('@')[1] ?? '';
  const { data } = await api.read('/domains', domainsSchema, signal);
  const known = data.find((one) => one.name.toLowerCase() === domain);
  if (known?.status === 'verified') return [];
  const fix =
    'resend.com/domains: add the domain, put its records (also the MX) into the DNS, and verify it.';
  if (known) return [{ name, accepted: true, message: `The domain ${domain} is not verified yet.`, fix }];
  return [{ name, message: `The account has no domain ${domain}.`, fix: whereOf(name) }];
}

const whereOf = (name: string) => resendFacts.credentials.find((one) => one.name === name)?.where ?? '';
