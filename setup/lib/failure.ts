import { CatalogError } from '../../src/channels/catalog/index.js';
import { nodeChanged } from '../../src/db/node-changed.js';
import { EngineError } from '../../src/engine/types.js';
import { codeOf, reasonOf, WharfieError } from '../../src/errors.js';
import { MountError } from '../../src/mounts/index.js';
import { AgentSettingsError } from '../../src/people/agent-settings.js';
import { MemberError } from '../../src/people/members.js';
import { RegistrationError } from '../../src/people/registration/index.js';
import { UsageError } from './flags.js';
import type { StepResult } from './step.js';

export type Failed = Extract<StepResult, { status: 'failed' }>;

/** These say that a value was refused, and whoever throws them has written nothing. */
const REFUSED_VALUES = [
  UsageError,
  CatalogError,
  RegistrationError,
  MemberError,
  MountError,
  AgentSettingsError,
];

/** Something outside the step has to be put right first. */
const PRECONDITIONS = new Set([
  'allowlist-invalid',
  'barrel-damaged',
  'channel-not-connected',
  'channel-not-enabled',
  'checkout-dirty',
  'config-invalid',
  'credential-missing',
  'database-newer',
  'eacces',
  'eperm',
  'erofs',
  'env-unparsable',
  'enotdir',
  'fetch-failed',
  'git-missing',
  'host-already-running',
  'host-not-running',
  'host-silent',
  'no-checkout',
  'node-changed',
  'onecli-no-agent',
  'onecli-no-secret',
  'onecli-unreachable',
  'restore-unfinished',
  'setup-busy',
  'sqlite-readonly',
  'sqlite-cantopen',
  'sqlite-notadb',
  'sqlite-corrupt',
  'tar-missing',
  'update-diverged',
  'update-running',
]);

/** What a step that threw ends in, and its exit code. */
export function failureOf(error: unknown, step: string): { result: Failed; exitCode: number } {
  const result = resultOf(error, step);
  const refused = REFUSED_VALUES.some((family) => error instanceof family);
  if (refused && !PRECONDITIONS.has(result.error)) return { result, exitCode: 4 };
  const precondition = error instanceof EngineError || PRECONDITIONS.has(result.error);
  return { result: { ...result, precondition }, exitCode: precondition ? 2 : 1 };
}

function resultOf(error: unknown, step: string): Failed {
  if (error instanceof WharfieError) {
    return { status: 'failed', error: error.code, message: error.message, fix: error.fix };
  }
  if (codeOf(error) === 'ERR_DLOPEN_FAILED') return resultOf(nodeChanged(), step);
  const code = systemCode(codeOf(error));
  const fix = FIXES[code] ?? `Run it again; if it stays, look at the end of logs/setup.log.`;
  const message = `${code.startsWith('sqlite-') ? 'The database cannot be used: ' : ''}${reasonOf(error)}`;
  return { status: 'failed', error: code || `${step}-unexpected`, message, fix };
}

/** `EACCES` as `eacces`; SQLite's extended codes (`SQLITE_READONLY_DIRECTORY`) as the family that they belong to. */
function systemCode(code: string): string {
  const plain = code.toLowerCase().replaceAll('_', '-');
  return /^sqlite-[a-z]+/.exec(plain)?.[0] ?? plain;
}

const WRITABLE = 'Make data/, groups/ and .env writable for this user, then run the step again.';
const RESTORE =
  './wharfie backup --list, then ./wharfie backup --restore <name>; where there is no backup: mv data/v2.db data/v2.db.damaged';

const FIXES: Record<string, string> = {
  eacces: WRITABLE,
  eperm: WRITABLE,
  erofs: 'Put the installation on a file system that can be written.',
  enotdir: 'data/, data/groups/ and groups/ must be folders: move away what stands in their place.',
  enospc: 'Free some disk space, then run the step again.',
  'sqlite-readonly': 'Make data/v2.db and its folder writable for this user, then run the step again.',
  'sqlite-cantopen': 'Make data/ a folder that this user can write, then run the step again.',
  'sqlite-full': 'Free some disk space, then run the step again.',
  'sqlite-busy': 'Another step is writing: run this one again when it has ended.',
  'sqlite-notadb': RESTORE,
  'sqlite-corrupt': RESTORE,
};
