import type { CredentialProvider } from '../../src/credentials/types.js';
import type { EnvValues } from '../../src/env-file.js';
import { WharfieError } from '../../src/errors.js';
import { KEY_NAMES } from '../credentials/keys.js';
import { providerOf } from '../credentials/provider.js';
import { missingApi, verifyCredentials } from '../credentials/verify.js';
import type { StepContext } from '../lib/step.js';
import type { Finding } from './types.js';

/** Is there a credential, does the API take it, and does it from inside a throw-away container, which has no other way out? */
export async function checkCredentials(
  context: StepContext,
  { env, needed, offline }: { env: { read(): EnvValues }; needed: boolean; offline: boolean },
): Promise<Finding[]> {
  const severity = needed ? 'error' : 'warning';
  const provider = providerOf(context, env.read(), context.env);
  const missing = provider.missing();
  if (missing) return [asFinding(missing, severity)];
  const file = env.read();
  const malformed = malformedKey(file, context.env);
  if (malformed && provider.kind === 'static') return [{ ...malformed, severity }];
  const stored = provider.kind === 'onecli' ? file.ONECLI_API_KEY : KEY_NAMES.some((name) => file[name]);
  const found = stored ? [] : [onlyHere(provider.kind)];
  if (offline) return found;
  try {
    context.say('Asking the model API whether it takes the key.');
    await verifyCredentials(context, provider);
    const missing = await missingApi(context, provider);
    return missing ? [...found, asFinding(missing, severity)] : found;
  } catch (error) {
    if (error instanceof WharfieError) return [...found, asFinding(error, severity)];
    throw error;
  }
}

/** A key that no header can carry, or that is copied with what stood around it: the API would never see it. */
function malformedKey(file: EnvValues, environment: NodeJS.ProcessEnv): Finding | null {
  // One source as a whole, as the host takes it.
  const source = KEY_NAMES.some((name) => file[name]) ? file : environment;
  const name = KEY_NAMES.find((one) => source[one]);
  const value = name === undefined ? '' : (source[name] ?? '');
  if (/^[\x21-\x7e]*$/.test(value) && !/["'`<>]/.test(value)) return null;
  const what = /\s/.test(value)
    ? 'a blank'
    : /[^\x20-\x7e]/.test(value)
      ? 'a character that no key has'
      : 'a quote';
  return {
    id: 'credential-malformed',
    layer: 'credentials',
    severity: 'error',
    message: `${name} is no key as it is written: there is ${what} in it.`,
    fix: './wharfie credentials --provider static (in a terminal of your own; copy the key again, whole)',
  };
}

/** Claude Code, too, hands its own key to what it runs: the host that a service manager starts has none of it. */
function onlyHere(kind: CredentialProvider['kind']): Finding {
  return {
    id: 'credential-not-stored',
    layer: 'credentials',
    severity: 'warning',
    message:
      "The model's key is in this terminal's environment only, not in .env: a service does not have it.",
    fix: `./wharfie credentials --provider ${kind} (in a terminal of your own)`,
  };
}

function asFinding({ code, message, fix }: WharfieError, severity: Finding['severity']): Finding {
  return { id: code, layer: 'credentials', severity, message, fix };
}
