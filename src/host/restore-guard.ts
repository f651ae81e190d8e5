import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WharfieError } from '../errors.js';

/** Present from before the first file of a restore is moved until after the last one. */
export function restorePlanFile(dataDir: string): string {
  return join(dataDir, 'restore.json');
}

/** Present while an update can still be taken back. */
export function updateJournalFile(dataDir: string): string {
  return join(dataDir, 'update.json');
}

/** Half of two states is none to answer from. Throws `restore-unfinished`. */
export function refuseHalfRestored(dataDir: string): void {
  if (!existsSync(restorePlanFile(dataDir))) return;
  throw new WharfieError(
    'restore-unfinished',
    'A backup was being restored here, and that was cut off half-way.',
    'Finish it: ./wharfie backup --resume',
  );
}
