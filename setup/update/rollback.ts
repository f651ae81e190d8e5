import { rmSync } from 'node:fs';
import type { Config } from '../../src/config.js';
import { reasonOf, WharfieError } from '../../src/errors.js';
import { endContainers } from '../backup/containers.js';
import { findBackup } from '../backup/manifest.js';
import { carryOut, isHalfRestored } from '../backup/moves.js';
import { type Part, restoreBackup } from '../backup/restore.js';
import { withSetupLock } from '../lib/setup-lock.js';
import type { StepContext } from '../lib/step.js';
import { servicesHere } from '../service/here.js';
import { activeServices, pauseServices, resumeServices, takeHostLock } from '../service/pause.js';
import { restoreImage } from './image.js';
import { closeJournal, type Journal, reached } from './journal.js';
import { updateFolder } from './stage.js';
import { switchBack } from './switch.js';

/**
 * Makes everything as it was before the update that this journal is of: code, packages, databases, image, service. Each
 * part can be done twice, so an attempt that was cut off is begun again. Throws `update-rollback-failed`.
 */
export async function rollBack(context: StepContext, config: Config, journal: Journal): Promise<void> {
  context.say('Going back to the version before.');
  try {
    await withSetupLock(config.paths.data, context.clock, () => undo(context, config, journal));
    const names = new Set(journal.services);
    const services = (await servicesHere(context)).filter((one) => names.has(one.name));
    if (!(await resumeServices(context, config.paths.data, services))) {
      context.say('The service does not answer yet: ./wharfie service');
    }
    closeJournal(config.paths.data);
    rmSync(updateFolder(context.root), { recursive: true, force: true });
  } catch (error) {
    throw new WharfieError(
      'update-rollback-failed',
      `The update failed, and so did the way back: ${reasonOf(error)}`,
      `Mend that, then run this step again: it goes on going back. By hand: git reset --hard ${journal.from}, npm ci, and the backup ${journal.backup ?? '(there is none)'}.`,
      { cause: error },
    );
  }
}

async function undo(context: StepContext, config: Config, journal: Journal): Promise<void> {
  const { data } = config.paths;
  await pauseServices(context, await activeServices(context));
  const lock = await takeHostLock(context, data);
  try {
    await endContainers(context, config);
    if (isHalfRestored(data)) carryOut(data, () => {});
    if (reached(journal, 'switching') && journal.backup !== null) {
      const backup = await findBackup(context.home, journal.backup);
      await switchBack(context, journal.from, backup);
      const parts: Part[] = [];
      if (reached(journal, 'migrating')) parts.push('database');
      // Only a host touches these, and none has run before.
      if (reached(journal, 'verifying')) parts.push('sessions', 'groups');
      if (parts.length > 0) {
        if (journal.image !== null) await restoreImage(context, config, journal.image);
        const aside = await restoreBackup(context, config, backup, parts);
        context.detail(`what the update left is in ${aside}`);
      }
    }
  } finally {
    lock.release();
  }
}
