import { rmSync } from 'node:fs';
import type { Config } from '../../src/config.js';
import { createCrashPoint } from '../../src/crash-point.js';
import { reasonOf, WharfieError } from '../../src/errors.js';
import { endContainers } from '../backup/containers.js';
import { createBackup } from '../backup/create.js';
import { type Backup, listBackups } from '../backup/manifest.js';
import { withSetupLock } from '../lib/setup-lock.js';
import type { StepContext } from '../lib/step.js';
import type { NamedService } from '../service/here.js';
import { pauseServices, takeHostLock } from '../service/pause.js';
import { errorsOf, refuseWorse } from './check.js';
import type { Checkout } from './checkout.js';
import { mustStepOf } from './child.js';
import { keepImage, updateImage } from './image.js';
import { closeJournal, type Journal, writeJournal } from './journal.js';
import { rollBack } from './rollback.js';
import { prepareStage, type Stage, updateFolder } from './stage.js';
import { switchOver } from './switch.js';

export interface Update {
  checkout: Checkout;
  to: string;
  services: readonly NamedService[];
  /** For verify: ask neither the model API nor the platforms. */
  offline: boolean;
}

export interface Updated {
  backup: string;
  image: string;
  /** Steps of the new version that did not succeed after the point of no return. */
  left: { what: string; fix: string }[];
}

/** What an update failed with: `failed` holds where, and what became of it. */
export class UpdateError extends WharfieError {
  readonly during: 'preparing' | 'switching';

  constructor(during: UpdateError['during'], cause: unknown) {
    const known = cause instanceof WharfieError ? cause : null;
    super(
      known?.code ?? 'update-unexpected',
      reasonOf(cause),
      known?.fix ?? 'See the end of logs/setup.log.',
      { cause },
    );
    this.during = during;
  }
}

const KEPT_BACKUPS = 3;

/**
 * The whole update. Until the new version was proved beside the present one nothing is touched; from then to the end of
 * `verify` every failure makes all as it was, and no platform's message is taken in; after that it stands.
 */
export async function runUpdate(context: StepContext, config: Config, update: Update): Promise<Updated> {
  const before = await errorsOf(context, update.offline ? ['--offline'] : []);
  let stage: Stage;
  try {
    stage = await prepareStage(context, config, update);
  } catch (error) {
    rmSync(updateFolder(context.root), { recursive: true, force: true });
    throw new UpdateError('preparing', error);
  }
  let journal: Journal = {
    version: 1,
    phase: 'stopping',
    from: update.checkout.head,
    to: update.to,
    backup: null,
    image: null,
    services: update.services.map((one) => one.name),
  };
  const note = (change: Partial<Journal>) => {
    journal = { ...journal, ...change };
    writeJournal(config.paths.data, journal);
  };
  try {
    note({ image: await keepImage(context, config) });
    const { backup, image } = await replace(context, config, { update, stage, note });
    note({ phase: 'verifying' });
    context.say('Verifying the new version; no platform is listened to yet.');
    const offline = update.offline ? ['--offline'] : [];
    refuseWorse(before, await errorsOf(context, ['--terminal-only', ...offline]));
    createCrashPoint(context.env.WHARFIE_CRASH_AT)('update:verified');
    return await finish(context, config, { backup, image, services: update.services });
  } catch (error) {
    await rollBack(context, config, journal);
    throw new UpdateError('switching', error);
  }
}

/** With the host stopped: the backup, the code, the packages, the database, the image. */
async function replace(
  context: StepContext,
  config: Config,
  { update, stage, note }: { update: Update; stage: Stage; note(change: Partial<Journal>): void },
): Promise<{ backup: Backup; image: string }> {
  const { clock } = context;
  const { data } = config.paths;
  const crashPoint = createCrashPoint(context.env.WHARFIE_CRASH_AT);
  const { lock, backup } = await withSetupLock(data, clock, async () => {
    await pauseServices(context, update.services);
    const held = await takeHostLock(context, data);
    try {
      await endContainers(context, config);
      context.say('Keeping a backup.');
      const made = await createBackup(context, config, 'update');
      note({ backup: made.name, phase: 'switching' });
      crashPoint('update:backed-up');
      await switchOver(context, update.to, stage);
      return { lock: held, backup: made };
    } catch (error) {
      held.release();
      throw error;
    }
  });
  try {
    // From here on steps of the new version do the work, each with the setup lock of its own.
    note({ phase: 'migrating' });
    await mustStepOf(context, context, 'status');
    for (const type of stage.enabled) await mustStepOf(context, context, 'channel', ['--enable', type]);
    crashPoint('update:migrated');
    return { backup, image: await updateImage(context, config) };
  } finally {
    lock.release();
  }
}

/** From here on the new version stands: it may have answered somebody, and that cannot be taken back. */
async function finish(
  context: StepContext,
  config: Config,
  { backup, image, services }: { backup: Backup; image: string; services: readonly NamedService[] },
): Promise<Updated> {
  closeJournal(config.paths.data);
  const left: Updated['left'] = [];
  for (const { name } of services) {
    await mustStepOf(context, context, 'service', ['--name', name]).catch((error: unknown) => {
      const { fix } = error instanceof WharfieError ? error : { fix: './wharfie service' };
      left.push({ what: reasonOf(error), fix });
    });
  }
  rmSync(updateFolder(context.root), { recursive: true, force: true });
  const old = listBackups(context.home).filter((one) => one.manifest.reason === 'update');
  for (const { folder } of old.slice(KEPT_BACKUPS)) rmSync(folder, { recursive: true, force: true });
  return { backup: backup.name, image, left };
}
