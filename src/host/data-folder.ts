import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { codeOf, reasonOf, WharfieError } from '../errors.js';

/** Others may pass through, such as the reader process on its way to outbound.db, and see nothing of what is in it. */
const MODE = 0o711;

/**
 * Makes `data/`, and closes it where it is open: a fresh clone brings it along as every user of the machine may read it.
 * Throws `data-not-writable`.
 */
export function makeDataFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: MODE });
  } catch (error) {
    throw new WharfieError(
      'data-not-writable',
      `The folder ${dir} cannot be made (${reasonOf(error)}).`,
      'Make its parent writable for this user, or set WHARFIE_HOME to a folder that is.',
    );
  }
  const { mode } = statSync(dir);
  if ((mode & 0o777 & ~MODE) === 0) return;
  try {
    chmodSync(dir, mode & MODE);
  } catch (error) {
    // Somebody else's folder that this user may write: its owner has decided about it.
    if (codeOf(error) !== 'EPERM') throw error;
  }
}
