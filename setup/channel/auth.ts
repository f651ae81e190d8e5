import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import {
  type ChannelFacts,
  type CredentialFact,
  insteadOf,
  missingCredentials,
} from '../../src/channels/catalog.js';
import type { ChannelModule, CredentialProblem } from '../../src/channels/module.js';
import { pathsOf } from '../../src/config.js';
import { createEnvFile } from '../../src/env-file.js';
import { UsageError } from '../lib/flags.js';
import { saveEnv } from '../lib/installation.js';
import type { Fields, StepContext, StepResult } from '../lib/step.js';

const CHECK_MS = 30_000;

/** Verifies with the platform what `.env` and the environment hold for this channel. */
export async function checkAuth(context: StepContext, facts: ChannelFacts): Promise<StepResult> {
  const env = { ...createEnvFile(pathsOf(context.home).envFile).read(), ...context.env };
  const missing = missingCredentials(facts, env);
  if (missing.length > 0) {
    return {
      status: 'failed',
      error: 'credential-missing',
      message: `${facts.label} needs ${missing.join(', ')}.`,
      fix: `Run in a terminal of your own: ${authCommand(facts)}`,
      precondition: true,
    };
  }
  const problems = await askPlatform(context, facts, env);
  return problems.length > 0 ? refused(facts, problems) : { status: 'success', fields: accepted(facts, env) };
}

/** Takes the channel's secrets, verifies them with the platform, and writes into `.env` what it takes. */
export async function storeAuth(context: StepContext, facts: ChannelFacts): Promise<StepResult> {
  const file = createEnvFile(pathsOf(context.home).envFile).read();
  const given = await context.secrets.read(
    facts.credentials.map((one) => ({ name: one.name, question: ask(facts, one, file) })),
  );
  const known = { ...file, ...given };
  const missing = missingCredentials(facts, known);
  if (missing.length > 0) return needed(facts, missing);
  for (const credential of facts.credentials) checkPattern(credential, given?.[credential.name]);
  const env = { ...context.env, ...known };
  const problems = await askPlatform(context, facts, env);
  if (problems.some((problem) => !problem.accepted)) return refused(facts, problems);
  const changed = await saveEnv(context, given ?? {});
  // What is left to do over there does not make the secret wrong: nobody has to enter it again.
  if (problems.length > 0) return refused(facts, problems, { STORED: '.env' });
  return { status: changed ? 'success' : 'skipped', fields: accepted(facts, env) };
}

function checkPattern(credential: CredentialFact, value: string | undefined): void {
  if (value === undefined || credential.pattern.test(value)) return;
  throw new UsageError(
    'invalid-secret',
    `${credential.name} does not look like a ${credential.label}.`,
    `You find it here: ${credential.where}`,
  );
}

/** What the platform says about these credentials; an empty list: it takes them. */
export async function askPlatform(
  { clock, say, root }: StepContext,
  facts: ChannelFacts,
  env: Record<string, string | undefined>,
): Promise<CredentialProblem[]> {
  say(`Asking ${facts.label} whether it takes these.`);
  const abort = new AbortController();
  const deadline = clock.after(CHECK_MS, () => abort.abort());
  try {
    const channel = await loadChannel(root, facts.type);
    return await channel.checkCredentials({ env: () => env }, abort.signal);
  } finally {
    deadline.cancel();
  }
}

const moduleSchema = z.custom<ChannelModule>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'checkCredentials' in value &&
    typeof value.checkCredentials === 'function',
);

/** The channel's own module, whether the barrel enables it or not: it loads its package only when it connects. */
async function loadChannel(root: string, type: string): Promise<ChannelModule> {
  const file = pathToFileURL(join(root, 'src', 'channels', `${type}.ts`));
  const loaded: unknown = await import(/* @vite-ignore */ file.href);
  const exported = z.record(z.string(), z.unknown()).parse({ ...Object(loaded) });
  const found = Object.values(exported).find((one) => moduleSchema.safeParse(one).success);
  return moduleSchema.parse(found);
}

function accepted(facts: ChannelFacts, env: Record<string, string | undefined>): Fields {
  const present = facts.credentials.filter((one) => env[one.name]).map((one) => one.name);
  return {
    CHANNEL: facts.type,
    CREDENTIALS: present.join(', ') || 'none needed',
    CHECK: 'accepted',
    NEXT: `npx tsx setup/index.ts --step service, then pair a chat: npx tsx setup/index.ts --step pair -- --channel ${facts.type} --folder <folder> --name "<name>"`,
  };
}

function refused(facts: ChannelFacts, problems: CredentialProblem[], fields: Fields = {}): StepResult {
  const [first] = problems;
  const isSetting = problems.every((problem) => problem.accepted);
  return {
    status: 'failed',
    error: isSetting ? 'channel-setting-missing' : 'credential-refused',
    message: problems.map((problem) => `${problem.name}: ${problem.message}`).join(' '),
    fix: `${first?.fix ?? ''} Then: ${isSetting ? `${authCommand(facts)} --check` : authCommand(facts)}`.trim(),
    fields: { CHANNEL: facts.type, ...fields },
  };
}

function needed(facts: ChannelFacts, missing: readonly string[]): StepResult {
  const names = missing.join(', ');
  return {
    status: 'needs_input',
    question: `${facts.label} needs ${names}. Run this in a terminal of your own, where they are asked for and not shown: ${authCommand(facts)}`,
    options: [],
    fields: { CHANNEL: facts.type },
  };
}

function ask(
  facts: ChannelFacts,
  credential: CredentialFact,
  file: Readonly<Record<string, string>>,
): string {
  const present = file[credential.name] ? '; Enter keeps the present one' : '';
  const instead = insteadOf(facts, credential.name);
  const unless = instead ? `; not needed with ${instead}` : '';
  const optional = credential.required || present ? '' : `${unless}; Enter leaves it out`;
  return `${credential.name} (${credential.label}${present}${optional})\n  ${credential.where}\n  not shown`;
}

function authCommand(facts: ChannelFacts): string {
  return `npx tsx setup/index.ts --step channel -- --auth ${facts.type}`;
}
