import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { systemClock } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import { ChannelError } from '../adapter.js';
import { whatsappCloudFacts } from '../catalog/whatsapp-cloud.js';
import { type ChannelDeps, type CredentialProblem, notReached } from '../module.js';
import { createGraph, DEFAULT_API_URL, numberSchema } from './graph.js';

/** Asks Meta about the token, the phone number and the app secret. Only Meta's own call shows the verify token. */
export async function checkWhatsAppCredentials(
  deps: Pick<ChannelDeps, 'env'>,
  signal: AbortSignal,
): Promise<CredentialProblem[]> {
  const env = deps.env();
  const missing = whatsappCloudFacts.credentials.filter(({ name }) => !env[name]);
  if (missing.length > 0) {
    return missing.map(({ name, where }) => ({ name, message: 'It is missing.', fix: where }));
  }
  const { WHATSAPP_ACCESS_TOKEN: token = '', WHATSAPP_PHONE_NUMBER_ID: id = '' } = env;
  const { WHATSAPP_APP_SECRET: secret = '', WHATSAPP_API_URL: apiUrl = DEFAULT_API_URL } = env;
  const graph = createGraph({ token, apiUrl, clock: systemClock, onTokenRefused: () => {} });
  const refusedAs = (name: string) => (error: unknown) => [problemOf(name, error)];
  try {
    await graph.read('/me?fields=id', z.object({ id: z.string() }), signal);
  } catch (error) {
    return refusedAs('WHATSAPP_ACCESS_TOKEN')(error);
  }
  // Meta refuses a proof that was not made with the secret of the app that the token belongs to.
  const proof = createHmac('sha256', secret).update(token).digest('hex');
  const [number, app] = await Promise.all([
    graph
      .read(`/${id}?fields=display_phone_number`, numberSchema, signal)
      .then(() => [], refusedAs('WHATSAPP_PHONE_NUMBER_ID')),
    graph
      .read(`/me?fields=id&appsecret_proof=${proof}`, z.object({ id: z.string() }), signal)
      .then(() => [], refusedAs('WHATSAPP_APP_SECRET')),
  ]);
  return [...number, ...app];
}

function problemOf(name: string, error: unknown): CredentialProblem {
  const where = whatsappCloudFacts.credentials.find((one) => one.name === name)?.where ?? '';
  const answered =
    error instanceof ChannelError && !/-(?:unreachable|no-answer|outage|rate-limited)$/.test(error.code);
  const rest = answered ? { fix: where } : notReached('WhatsApp', error);
  return { name, message: reasonOf(error), ...rest };
}
