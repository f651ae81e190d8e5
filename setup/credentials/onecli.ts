import { PROVIDER_NAME } from '../../src/credentials/index.js';
import { oneCliUrl } from '../../src/credentials/onecli/settings.js';
import { CredentialError } from '../../src/credentials/types.js';
import { type FlagValues, UsageError } from '../lib/flags.js';
import { saveEnv } from '../lib/installation.js';
import type { WantedSecret } from '../lib/secrets.js';
import type { StepContext, StepResult } from '../lib/step.js';
import { invalidValue } from '../lib/values.js';
import { agentsToCheck, providerOf } from './provider.js';
import { verifyCredentials } from './verify.js';

const KEY = 'ONECLI_API_KEY';
const WANTED: readonly WantedSecret[] = [
  { name: KEY, question: "OneCLI's API key (its dashboard > Settings > API keys, oc_…); not shown" },
];

/**
 * Takes OneCLI's address and key, proves them against its control API, writes them down, and then tries the way to the
 * model. They are kept also where that fails: a new agent has no secret there before a person assigns one.
 */
export async function storeOneCli(
  context: StepContext,
  values: FlagValues,
  file: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const url = urlOf(values) ?? file.ONECLI_URL;
  if (!url) throw new UsageError('missing-flag', 'Where does OneCLI answer?', 'Add --url <url>.');
  const key = keyOf(await context.secrets.read(WANTED)) ?? file[KEY];
  if (!key) return question(url);
  const wanted = { [PROVIDER_NAME]: 'onecli', ONECLI_URL: url, [KEY]: key, ...more };
  const provider = providerOf(context, { ...file, ...wanted }, {});
  const [agent] = agentsToCheck(context, provider);
  if (agent) {
    await provider.ensureAgent(agent);
    await provider.proxyFor(agent);
  }
  const changed = await saveEnv(context, wanted);
  const stored = { STORED: changed ? '.env' : 'unchanged' };
  try {
    const fields = await verifyCredentials(context, provider);
    return { status: changed ? 'success' : 'skipped', fields: { ...fields, ...stored } };
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const { code, message, fix } = error;
    const then = `${fix} Then run: ./wharfie credentials --check`;
    const fields = { PROVIDER: 'onecli', ...stored };
    return {
      status: 'failed',
      error: code,
      message,
      fix: then,
      precondition: code.startsWith('onecli-'),
      fields,
    };
  }
}

function urlOf(values: FlagValues): string | undefined {
  const given = values.value('url');
  if (given === undefined || oneCliUrl(given)) return given;
  const shown = given.includes('@') ? '…' : given;
  throw invalidValue('url', shown, 'Give an http(s) address without user name and password.');
}

function keyOf(given: Record<string, string> | null): string | undefined {
  const key = given?.[KEY];
  if (key === undefined || /^[\x21-\x7e]{8,500}$/.test(key)) return key;
  throw new UsageError(
    'invalid-secret',
    `${KEY} is no key: it has spaces or is too short.`,
    'Copy it again, whole.',
  );
}

function question(url: string): StepResult {
  const command = `./wharfie credentials --provider onecli --url ${url}`;
  const ask = `A secret is needed. Run this in a terminal of your own, where it is asked for and not shown: ${command}`;
  return { status: 'needs_input', question: ask, options: [] };
}
