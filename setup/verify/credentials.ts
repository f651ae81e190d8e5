import type { CredentialProvider } from '../../src/credentials/types.js';
import type { EnvFile } from '../../src/env-file.js';
import { WharfieError } from '../../src/errors.js';
import { KEY_NAMES } from '../credentials/keys.js';
import { providerOf } from '../credentials/provider.js';
import { verifyCredentials } from '../credentials/verify.js';
import type { StepContext } from '../lib/step.js';
import type { Finding } from './types.js';

/** Is there a credential, does the API take it, and does it from inside a throw-away container, which has no other way out? */
export async function checkCredentials(
  context: StepContext,
  { env, needed, offline }: { env: EnvFile; needed: boolean; offline: boolean },
): Promise<Finding[]> {
  const severity = needed ? 'error' : 'warning';
  const provider = providerOf(context, env.read(), context.env);
  const missing = provider.missing();
  if (missing) return [asFinding(missing, severity)];
  const file = env.read();
  const stored = provider.kind === 'onecli' ? file.ONECLI_API_KEY : KEY_NAMES.some((name) => file[name]);
  const found = stored ? [] : [onlyHere(provider.kind)];
  if (offline) return found;
  try {
    context.say('Asking the model API whether it takes the key.');
    await verifyCredentials(context, provider);
    return found;
  } catch (error) {
    if (error instanceof WharfieError) return [...found, asFinding(error, severity)];
    throw error;
  }
}

/** Claude Code, too, hands its own key to what it runs: the host that a service manager starts has none of it. */
function onlyHere(kind: CredentialProvider['kind']): Finding {
  return {
    id: 'credential-not-stored',
    layer: 'credentials',
    severity: 'warning',
    message:
      "The model's key is in this terminal's environment only, not in .env: a service does not have it.",
    fix: `npx tsx setup/index.ts --step credentials -- --provider ${kind} (in a terminal of your own)`,
  };
}

function asFinding({ code, message, fix }: WharfieError, severity: Finding['severity']): Finding {
  return { id: code, layer: 'credentials', severity, message, fix };
}
