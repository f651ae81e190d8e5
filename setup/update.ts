import { mkdirSync } from 'node:fs';
import type { Config } from '../src/config.js';
import { isHalfRestored } from './backup/moves.js';
import type { FlagSpec, FlagValues } from './lib/flags.js';
import { configurationOf } from './lib/installation.js';
import { withUpdateLock } from './lib/setup-lock.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { activeServices, refuseForeignHost } from './service/pause.js';
import { whatIsBehind } from './update/behind.js';
import { examineCheckout } from './update/checkout.js';
import { asResult, runStepOf } from './update/child.js';
import { readJournal } from './update/journal.js';
import { rollBack } from './update/rollback.js';
import { runUpdate, type Updated, UpdateError } from './update/run.js';
import { findTarget } from './update/target.js';

const flags: FlagSpec[] = [
  { name: 'dry-run', kind: 'switch', help: 'say what there is to update, and do nothing' },
  { name: 'offline', kind: 'switch', help: 'when verifying ask neither the model API nor the platforms' },
];

export const update: Step = {
  name: 'update',
  class: { '': 'grants', 'dry-run': 'reads', offline: 'modifies' },
  summary:
    'brings code, packages, channels, database and image up to date; if anything fails, all is as before',
  flags,
  async run(values, context) {
    const { config } = configurationOf(context);
    mkdirSync(config.paths.data, { recursive: true, mode: 0o700 });
    const outcome = await withUpdateLock(config.paths.data, context.clock, () =>
      runLocked(values, context, config),
    );
    return typeof outcome === 'string' ? goOn(values, context, outcome) : outcome;
  },
};

/** What an update that had been cut off was doing; or how this one ended. */
async function runLocked(
  values: FlagValues,
  context: StepContext,
  config: Config,
): Promise<StepResult | string> {
  const { data } = config.paths;
  const unfinished = readJournal(data);
  if (unfinished && !values.on('dry-run')) {
    await rollBack(context, config, unfinished);
    return unfinished.phase;
  }
  if (unfinished) {
    const { from, to } = unfinished;
    return { status: 'success', fields: { RESULT: 'would-roll-back', FROM: to, TO: from } };
  }
  if (isHalfRestored(data)) return halfRestored();
  const checkout = await examineCheckout(context.root);
  const target = await findTarget(context.root, checkout.head);
  const behind = target.pull === 'new' ? [] : await whatIsBehind(context, config);
  const services = await activeServices(context);
  const fields: Fields = {
    PULL: target.pull,
    FROM: checkout.head,
    TO: target.to,
    COMMITS: target.commits,
    ...(behind.length > 0 && { BEHIND: behind.join(', ') }),
    CHANNELS: checkout.lines.flatMap((line) => (line.enabled ? [line.type] : [])).join(', ') || 'none',
    SERVICE: services.map((one) => one.name).join(', ') || 'not-running',
  };
  if (target.pull !== 'new' && behind.length === 0) {
    return { status: 'skipped', fields: { RESULT: 'up-to-date', ...fields } };
  }
  await refuseForeignHost(data, services);
  if (values.on('dry-run')) return { status: 'success', fields: { RESULT: 'would-update', ...fields } };
  try {
    const offline = values.on('offline');
    const done = await runUpdate(context, config, { checkout, to: target.to, services, offline });
    return ended(done, fields);
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    return failed(error, fields);
  }
}

/** This process may be the new version, and what lies here now is the old one: that has to do the rest. */
async function goOn(values: FlagValues, context: StepContext, phase: string): Promise<StepResult> {
  const flags = values.on('offline') ? ['--offline'] : [];
  const result = asResult(await runStepOf(context, context, 'update', flags));
  const recovered = { RECOVERED: `an update that was cut off while ${phase}` };
  return { ...result, fields: { ...recovered, ...result.fields } };
}

function ended({ backup, image, left }: Updated, fields: Fields): StepResult {
  const all = { RESULT: 'updated', ...fields, BACKUP: backup, IMAGE: image };
  const [first] = left;
  if (!first) return { status: 'success', fields: all };
  return {
    status: 'failed',
    error: 'service-not-started',
    message: `The new version is in place and was verified, but its service does not run: ${first.what}`,
    fix: first.fix,
    fields: all,
  };
}

function failed({ code, message, fix, during }: UpdateError, fields: Fields): StepResult {
  const became = during === 'preparing' ? 'Nothing was touched' : 'Everything is as it was before';
  return {
    status: 'failed',
    error: 'update-failed',
    message: `${became}: ${message}`,
    fix,
    fields: { RESULT: during === 'preparing' ? 'not-begun' : 'rolled-back', CAUSE: code, ...fields },
  };
}

function halfRestored(): StepResult {
  return {
    status: 'failed',
    error: 'restore-unfinished',
    message: 'A backup was being restored here, and that was cut off half-way.',
    fix: './wharfie backup --resume',
    precondition: true,
  };
}
