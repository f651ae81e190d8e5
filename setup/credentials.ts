import { pathsOf } from '../src/config.js';
import { createStaticProvider } from '../src/credentials/static.js';
import type { CredentialProvider } from '../src/credentials/types.js';
import { createEnvFile } from '../src/env-file.js';
import { CONFIRM, KEY_NAMES, keysFrom, WANTED } from './credentials/keys.js';
import { verifyFromContainer, verifyFromHost } from './credentials/verify.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { saveEnv } from './lib/installation.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { invalidValue, oneOf } from './lib/values.js';

const flags: FlagSpec[] = [
  { name: 'provider', kind: 'value', hint: 'static', help: 'static: one key for all agents, kept in .env' },
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
  summary: 'asks for the key of the model API, verifies it by a real call, and keeps it in .env',
  flags,
  async run(values, context) {
    refuseOneCli(values);
    const baseUrl = baseUrlOf(values);
    if (values.on('check')) return check(context);
    if (values.value('provider') === undefined) {
      throw new UsageError('missing-flag', 'Where do credentials come from?', 'Add --provider static.');
    }
    return store(context, baseUrl);
  },
};

async function check(context: StepContext): Promise<StepResult> {
  const file = createEnvFile(pathsOf(context.home).envFile).read();
  const fields = await verify(context, providerOf(context, file, context.env));
  return { status: 'success', fields };
}

async function store(context: StepContext, baseUrl: string | undefined): Promise<StepResult> {
  const file = createEnvFile(pathsOf(context.home).envFile).read();
  const given = await context.secrets.read(WANTED, KEY_NAMES);
  const present = KEY_NAMES.some((name) => file[name]);
  if (!given && !present) return question();
  const official = (baseUrl ?? file.ANTHROPIC_BASE_URL ?? '') === '';
  const values = {
    ...(given && keysFrom(given, { interactive: context.secrets.interactive, official, file })),
    ...(baseUrl !== undefined && { ANTHROPIC_BASE_URL: baseUrl }),
  };
  // Nothing is written before it was verified.
  const fields = await verify(context, providerOf(context, { ...file, ...values }, {}));
  const changed = await saveEnv(context, values);
  return {
    status: changed ? 'success' : 'skipped',
    fields: { ...fields, STORED: changed ? '.env' : 'unchanged' },
  };
}

async function verify(context: StepContext, provider: CredentialProvider): Promise<Fields> {
  const host = await verifyFromHost(context, provider);
  return { PROVIDER: 'static', ...host, ...(await verifyFromContainer(context, provider)) };
}

function providerOf(
  { clock }: StepContext,
  file: Record<string, string>,
  fallback: NodeJS.ProcessEnv,
): CredentialProvider {
  return createStaticProvider({ envFile: { read: () => file }, fallback, clock, probe: async () => null });
}

function refuseOneCli(values: FlagValues): void {
  if (oneOf(values, 'provider', ['static', 'onecli']) !== 'onecli' && values.value('url') === undefined)
    return;
  throw new UsageError(
    'provider-not-available',
    'OneCLI is not yet available in this version.',
    'Use --provider static, which keeps the key in .env on the host.',
  );
}

function baseUrlOf(values: FlagValues): string | undefined {
  const given = values.value('base-url');
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : null;
  const usable = url && ['http:', 'https:'].includes(url.protocol) && !url.username && !url.password;
  if (usable && !url.search && !url.hash) return given;
  throw invalidValue(
    'base-url',
    given.includes('@') ? '…' : given,
    'Give an http(s) address without user name and password.',
  );
}

function question(): StepResult {
  return { status: 'needs_input', question: CONFIRM, options: [] };
}
