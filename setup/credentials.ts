import { pathsOf } from '../src/config.js';
import { PROVIDER_NAME, PROVIDERS } from '../src/credentials/index.js';
import { createEnvFile } from '../src/env-file.js';
import { CONFIRM, KEY_NAMES, keysFrom, WANTED } from './credentials/keys.js';
import { storeOneCli } from './credentials/onecli.js';
import { providerOf } from './credentials/provider.js';
import { verifyCredentials } from './credentials/verify.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { saveEnv } from './lib/installation.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { invalidValue, oneOf } from './lib/values.js';

const flags: FlagSpec[] = [
  {
    name: 'provider',
    kind: 'value',
    hint: 'static|onecli',
    help: 'static: one key for all agents, kept in .env; onecli: keys stay with OneCLI, each agent group has its own',
  },
  {
    name: 'base-url',
    kind: 'value',
    hint: '<url>',
    help: 'a gateway or a local model instead of https://api.anthropic.com',
  },
  { name: 'url', kind: 'value', hint: '<url>', help: 'where OneCLI answers' },
  { name: 'check', kind: 'switch', help: 'only verify what is there' },
];

export const credentials: Step = {
  name: 'credentials',
  class: 'sets-up',
  summary: 'asks for the key of the model API, verifies it by a real call, and keeps it in .env',
  flags,
  async run(values, context) {
    const provider = oneOf(values, 'provider', PROVIDERS);
    const baseUrl = baseUrlOf(values);
    if (values.on('check')) return check(context);
    if (provider === undefined) {
      const fix = 'Add --provider static, or --provider onecli --url <url>.';
      throw new UsageError('missing-flag', 'Where do credentials come from?', fix);
    }
    const file = createEnvFile(pathsOf(context.home).envFile).read();
    const more: Record<string, string> = baseUrl === undefined ? {} : { ANTHROPIC_BASE_URL: baseUrl };
    if (provider === 'onecli') return storeOneCli(context, values, file, more);
    if (values.value('url') === undefined) return storeStatic(context, file, more);
    const fix = 'Leave --url out, or add --provider onecli.';
    throw new UsageError('conflicting-flags', '--url is about OneCLI.', fix);
  },
};

async function check(context: StepContext): Promise<StepResult> {
  const file = createEnvFile(pathsOf(context.home).envFile).read();
  const fields = await verifyCredentials(context, providerOf(context, file, context.env));
  return { status: 'success', fields };
}

async function storeStatic(
  context: StepContext,
  file: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Promise<StepResult> {
  const given = await context.secrets.read(WANTED, KEY_NAMES);
  const present = KEY_NAMES.some((name) => file[name]);
  if (!given && !present) return question(more.ANTHROPIC_BASE_URL);
  const official = (more.ANTHROPIC_BASE_URL ?? file.ANTHROPIC_BASE_URL ?? '') === '';
  const values = {
    ...(given && keysFrom(given, { interactive: context.secrets.interactive, official, file })),
    ...(file[PROVIDER_NAME] && { [PROVIDER_NAME]: 'static' }),
    ...more,
  };
  // Nothing is written before it was verified.
  const fields = await verifyCredentials(context, providerOf(context, { ...file, ...values }, {}));
  const changed = await saveEnv(context, values);
  return {
    status: changed ? 'success' : 'skipped',
    fields: { ...fields, STORED: changed ? '.env' : 'unchanged' },
  };
}

function baseUrlOf(values: FlagValues): string | undefined {
  const given = values.value('base-url');
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : null;
  const usable = url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password;
  // Whoever calls adds the version himself.
  if (usable && !url.search && !url.hash) return given.replace(/\/v1\/*$/, '');
  throw invalidValue(
    'base-url',
    given.includes('@') ? '…' : given,
    'Give an http(s) address without user name and password.',
  );
}

function question(baseUrl: string | undefined): StepResult {
  const more = baseUrl === undefined ? '' : ` --base-url ${baseUrl}`;
  return { status: 'needs_input', question: `${CONFIRM}${more}`, options: [] };
}
