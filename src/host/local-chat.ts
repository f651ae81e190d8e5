import { CLI_ADDRESS, CLI_OWNER_ID } from '../channels/cli.js';
import { type Clock, sleep } from '../clock.js';
import type { CredentialProvider } from '../credentials/types.js';
import { assistantNameOf } from '../db/central/agent-groups.js';
import type { CentralDb } from '../db/central/index.js';
import { findMessagingGroup } from '../db/central/messaging-groups.js';
import { listWiredAgents } from '../db/central/wirings.js';
import type { AgentGroup } from '../db/types.js';
import { type ContainerEngine, EngineError } from '../engine/types.js';
import { reasonOf, WharfieError } from '../errors.js';
import type { Registration } from '../people/registration/index.js';
import { sentences } from '../voice/index.js';

/** What a Claude agent still needs, a sentence with its cure each; empty: it can start. */
export type Missing = { message: string; fix: string }[];

export async function missingForClaude({
  engine,
  credentials,
  clock,
}: {
  engine: Pick<ContainerEngine, 'check'>;
  credentials: Pick<CredentialProvider, 'missing'>;
  clock: Clock;
}): Promise<Missing> {
  const missing: Missing = [];
  try {
    await Promise.race([engine.check(), noAnswer(clock)]);
  } catch (error) {
    missing.push({ message: reasonOf(error), fix: error instanceof WharfieError ? error.fix : '' });
  }
  const credential = credentials.missing();
  if (credential) missing.push({ message: credential.message, fix: credential.fix });
  return missing;
}

/** Nobody waits longer than this at the start of the host for an engine that hangs. */
const LONGEST_CHECK_MS = 3000;

async function noAnswer(clock: Clock): Promise<never> {
  await sleep(clock, LONGEST_CHECK_MS);
  throw new EngineError(
    'engine-unreachable',
    'The Docker engine takes connections and does not answer.',
    'Start it anew with `sudo systemctl restart docker`.',
  );
}

const CHAT = { channelType: CLI_ADDRESS.channelType, platformId: CLI_ADDRESS.platformId, name: 'Terminal' };
/** Whoever opens the terminal's socket is the owner. */
const OWNED = { isGroup: false, adminUserId: CLI_OWNER_ID, ownerIfNone: true };
const MOCK_FOLDER = 'mock';
const REAL_FOLDER = 'terminal';

/**
 * Sees to it that the terminal has an agent: the real one if it can start, else the mock group
 * (docs/architecture.md#words-that-mean-one-thing), which gives way as soon as the real one can. What a person has
 * registered there is left alone.
 */
export function ensureLocalChat(deps: {
  db: CentralDb;
  registration: Registration;
  assistantName: string;
  missing: Missing;
}): AgentGroup {
  const { db, registration } = deps;
  const chat = findMessagingGroup(db, CHAT.channelType, CHAT.platformId);
  const wired = chat ? listWiredAgents(db, chat.id).usable.map((one) => one.agentGroup) : [];
  const real = wired.find((agentGroup) => agentGroup.agentProvider === 'claude');
  const mock = wired.find((agentGroup) => agentGroup.agentProvider === 'mock');
  if (real) return real;
  if (deps.missing.length > 0) return mock ?? registerMock(registration);
  if (mock) registration.unregister({ ...CHAT, folder: mock.folder });
  const assistantName = deps.assistantName;
  return registration.register({
    ...CHAT,
    folder: REAL_FOLDER,
    provider: 'claude',
    assistantName,
    ...OWNED,
  }).agentGroup;
}

function registerMock(registration: Registration): AgentGroup {
  return registration.register({
    ...CHAT,
    folder: MOCK_FOLDER,
    provider: 'mock',
    assistantName: 'Mock',
    ...OWNED,
  }).agentGroup;
}

/** What a person sees first in the terminal: what is real here and what is not, and how to make it real. */
export function welcomeLines(agentGroup: AgentGroup, missing: Missing): string[] {
  const { terminal } = sentences;
  const name = assistantNameOf(agentGroup);
  const cause = missing.map((one) => one.message).join(' ');
  const fix = missing.find((one) => one.fix !== '')?.fix ?? '';
  if (agentGroup.agentProvider === 'mock') {
    return [terminal.mock(), terminal.mockCause({ cause }), terminal.mockFix({ fix })];
  }
  if (missing.length === 0) return [terminal.ready({ name })];
  return [terminal.notReady({ name, cause }), terminal.next({ fix })];
}
