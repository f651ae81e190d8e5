import { createStaticProvider } from '../../src/credentials/static.js';
import type { EnvFile } from '../../src/env-file.js';
import { WharfieError } from '../../src/errors.js';
import { verifyFromContainer, verifyFromHost } from '../credentials/verify.js';
import type { StepContext } from '../lib/step.js';
import type { Finding } from './types.js';

/** Is there a credential, does the API take it, and does it from inside a throw-away container, which has no other way out? */
export async function checkCredentials(
  context: StepContext,
  { env, needed, offline }: { env: EnvFile; needed: boolean; offline: boolean },
): Promise<Finding[]> {
  const severity = needed ? 'error' : 'warning';
  const provider = createStaticProvider({
    envFile: env,
    fallback: context.env,
    clock: context.clock,
    probe: async () => null,
  });
  const missing = provider.missing();
  if (missing) return [asFinding(missing, severity)];
  if (offline) return [];
  try {
    context.say('Asking the model API whether it takes the key.');
    await verifyFromHost(context, provider);
    await verifyFromContainer(context, provider);
    return [];
  } catch (error) {
    if (error instanceof WharfieError) return [asFinding(error, severity)];
    throw error;
  }
}

function asFinding({ code, message, fix }: WharfieError, severity: Finding['severity']): Finding {
  return { id: code, layer: 'credentials', severity, message, fix };
}
