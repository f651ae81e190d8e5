import { chmodSync } from 'node:fs';
import { codeOf } from '../errors.js';

/**
 * Closes a database to other users of the machine. Before SQLite makes its log and index, which get the same mode:
 * whoever can read one of them can hold a lock on it, and everything stands still.
 */
export function makePrivate(file: string): void {
  if (file === ':memory:') return;
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    // Somebody else's, or on a disk that cannot be written: SQLite says so better.
    if (!['EPERM', 'EROFS'].includes(codeOf(error))) throw error;
  }
}
