import { mkdirSync } from 'node:fs';
import type { Config } from '../src/config.js';
import { createCrashPoint } from '../src/crash-point.js';
import { createBackup } from './backup/create.js';
import { type Backup, findBackup, listBackups, STEP } from './backup/manifest.js';
import { carryOut, isHalfRestored } from './backup/moves.js';
import { whileQuiet } from './backup/quiet.js';
import { restoreAllowlist, restoreBackup } from './backup/restore.js';
import { type FlagSpec, UsageError } from './lib/flags.js';
import { configurationOf } from './lib/installation.js';
import { withSetupLock } from './lib/setup-lock.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { currentCommit } from './update/git.js';

const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'the backups that there are, newest first' },
  {
    name: 'restore',
    kind: 'value',
    hint: '<name>',
    help: 'put its database, conversations, groups and .env in the place of those here, which are moved aside',
  },
  { name: 'resume', kind: 'switch', help: 'finish a restore that was cut off half-way' },
];

export const backup: Step = {
  name: 'backup',
  class: { '': 'grants', list: 'reads', restore: 'grants', resume: 'grants' },
  summary:
    'keeps everything of this installation in backups/, and puts it back; stops the host for that long',
  flags,
  async run(values, context) {
    const name = values.value('restore');
    if ([values.on('list'), values.on('resume'), name !== undefined].filter(Boolean).length > 1) {
      const message = '--list, --restore and --resume do not go together.';
      throw new UsageError('conflicting-flags', message, 'Give one of them, or none to make a backup.');
    }
    if (values.on('list')) return list(context);
    const { config } = configurationOf(context);
    mkdirSync(config.paths.data, { recursive: true, mode: 0o700 });
    return withSetupLock(config.paths.data, context.clock, () => {
      if (values.on('resume')) return resume(context, config);
      if (isHalfRestored(config.paths.data)) return halfRestored();
      return name === undefined ? make(context, config) : restore(context, config, name);
    });
  },
};

function list({ home }: StepContext): StepResult {
  const found = listBackups(home).map((one) => ({ name: one.name, ...factsOf(one) }));
  return { status: 'success', fields: { COUNT: found.length, BACKUPS: found } };
}

function factsOf({ manifest }: Backup) {
  const { createdAt, reason, code, release, skipped, files } = manifest;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const at = new Date(createdAt).toISOString();
  return { at, reason, code, release, skipped, megabytes: Math.ceil(bytes / 1e6) };
}

async function make(context: StepContext, config: Config): Promise<StepResult> {
  const { result, ...host } = await whileQuiet(context, config, 'frozen', () =>
    createBackup(context, config, 'asked'),
  );
  const { name, folder, manifest } = result;
  const fields: Fields = {
    BACKUP: name,
    FOLDER: folder,
    MEGABYTES: factsOf(result).megabytes,
    CODE: manifest.code ?? 'unknown',
    SKIPPED: manifest.skipped,
    RESTORE: `${STEP} --restore ${name}`,
  };
  return ended(fields, host);
}

async function restore(context: StepContext, config: Config, name: string): Promise<StepResult> {
  const found = await findBackup(context.home, name);
  const { result: aside, ...host } = await whileQuiet(context, config, 'ended', () =>
    restoreBackup(context, config, found, ['database', 'sessions', 'groups', 'env']),
  );
  const { code } = found.manifest;
  const now = await currentCommit(context.root);
  const fields: Fields = {
    RESTORED: name,
    REPLACED: aside,
    ALLOW_LIST: restoreAllowlist(context, found),
    CODE: now ?? 'unknown',
    // A newer code brings an older database up to date by itself; the code of that time is a matter of choice.
    ...(code !== null && code !== now && { CODE_THEN: code }),
    NEXT: './wharfie verify',
  };
  return ended(fields, host);
}

async function resume(context: StepContext, config: Config): Promise<StepResult> {
  const { data } = config.paths;
  if (!isHalfRestored(data)) return { status: 'skipped', fields: { RESULT: 'nothing-to-finish' } };
  const { result, ...host } = await whileQuiet(context, config, 'ended', async (): Promise<Fields> => {
    carryOut(data, createCrashPoint(context.env.WHARFIE_CRASH_AT));
    return { RESULT: 'finished', NEXT: './wharfie verify' };
  });
  return ended(result, host);
}

function halfRestored(): StepResult {
  return {
    status: 'failed',
    error: 'restore-unfinished',
    message: 'A backup was being restored here, and that was cut off half-way.',
    fix: `${STEP} --resume`,
    precondition: true,
  };
}

/** The work is done; whether the service came up again is part of the answer. */
function ended(fields: Fields, { services, resumed }: { services: string[]; resumed: boolean }): StepResult {
  const all = { ...fields, SERVICE: services.length === 0 ? 'not-running' : resumed ? 'running' : 'stopped' };
  if (resumed) return { status: 'success', fields: all };
  return {
    status: 'failed',
    error: 'service-not-started',
    message: 'That is done, but the service does not answer again.',
    fix: './wharfie service',
    fields: all,
  };
}
