import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import {
  type ChannelFacts,
  type CredentialFact,
  insteadOf,
  missingCredentials,
} from '../../src/channels/catalog/index.js';
import type { ChannelModule, CredentialProblem } from '../../src/channels/module.js';
import { pathsOf } from '../../src/config.js';
import { createEnvFile } from '../../src/env-file.js';
import { hostState } from '../../src/host/state.js';
import { importSource } from '../../src/own-programs.js';
import { removeEnvValues } from '../lib/env-edit.js';
import { UsageError } from '../lib/flags.js';
import { saveEnv } from '../lib/installation.js';
import { withSetupLock } from '../lib/setup-lock.js';
import type { Fields, StepContext, StepResult } from '../lib/step.js';
import { quoteForShell } from '../service/types.js';

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
      fix: `Run in a terminal of your own: ${inTerminal(context, facts)}`,
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
    facts.credentials
      .filter((one) => isNeeded(facts, one))
      .map((one) => ({ name: one.name, question: ask(facts, one, file) })),
    facts.credentials.map((one) => one.name),
  );
  const known = { ...file, ...given };
  const missing = missingCredentials(facts, known);
  if (missing.length > 0) return needed(context, facts, missing);
  for (const credential of facts.credentials) checkPattern(facts, credential, given?.[credential.name]);
  const env = { ...context.env, ...known };
  const problems = await askPlatform(context, facts, env);
  if (problems.some((problem) => !problem.accepted)) return refused(facts, problems);
  const changed = await saveEnv(context, given ?? {});
  // What is left to do over there does not make the secret wrong: nobody has to enter it again.
  if (problems.length > 0) return refused(facts, problems, { STORED: '.env' });
  return { status: changed ? 'success' : 'skipped', fields: accepted(facts, env) };
}

/** A person is asked for nothing that the platform tells by itself; it may still be given on standard input. */
function isNeeded({ oneOf }: ChannelFacts, { name, required }: CredentialFact): boolean {
  return required || oneOf?.some((set) => set.includes(name)) === true;
}

function checkPattern(facts: ChannelFacts, credential: CredentialFact, value: string | undefined): void {
  if (value === undefined || credential.pattern.test(value)) return;
  throw new UsageError(
    'invalid-secret',
    `${credential.name} does not look like a ${credential.label}.`,
    `You find it here: ${credential.where} Then: ${authCommand(facts)}`,
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
  const loaded = await importSource(file);
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
    NEXT: `./wharfie service, then pair a chat: ./wharfie pair --channel ${facts.type} --folder <folder> --name "<name>"`,
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

function needed(context: StepContext, facts: ChannelFacts, missing: readonly string[]): StepResult {
  const names = missing.join(', ');
  return {
    status: 'needs_input',
    question: `${facts.label} needs ${names}. Run this in a terminal of your own, where they are asked for and not shown: ${inTerminal(context, facts)}`,
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

/** One line to paste: a new terminal begins in another folder. */
function inTerminal({ root }: StepContext, facts: ChannelFacts): string {
  return `cd ${quoteForShell(root)} && ${authCommand(facts)}`;
}

/** Takes the channel's credentials out of `.env`. */
export async function forgetAuth(context: StepContext, facts: ChannelFacts): Promise<StepResult> {
  const paths = pathsOf(context.home);
  const names = facts.credentials.map((one) => one.name);
  const gone = await withSetupLock(paths.data, context.clock, () => removeEnvValues(paths.envFile, names));
  const { running } = await hostState(paths.data);
  const fields = { CHANNEL: facts.type, FORGOTTEN: gone.join(', ') || 'nothing' };
  return gone.length > 0
    ? { status: 'success', fields: { ...fields, RESTART_NEEDED: running } }
    : { status: 'skipped', fields };
}

function authCommand(facts: ChannelFacts): string {
  return `./wharfie channel --auth ${facts.type}`;
}
