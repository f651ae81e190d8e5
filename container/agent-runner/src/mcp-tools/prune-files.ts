import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Longer than any delivery is tried; a dead one can be sent again by hand for as long. */
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

/** Removes what was staged for sending long ago. */
export function pruneFiles(filesOut: string, now: number): void {
  try {
    for (const name of readdirSync(filesOut)) {
      const file = join(filesOut, name);
      if (statSync(file).mtimeMs < now - KEEP_MS) rmSync(file, { recursive: true, force: true });
    }
  } catch {
    // Nothing depends on it: the next start tries again.
  }
}
