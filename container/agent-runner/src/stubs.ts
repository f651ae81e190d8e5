import { chmodSync, copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from './errors.ts';
import type { Log } from './log.ts';

/**
 * Puts files with placeholders where programs look for them. It is done in here because the places belong to the
 * container: the host neither writes nor mounts anything below what a container can change.
 */
export function placeStubs(stubs: readonly [from: string, to: string][], log: Log): void {
  for (const [from, to] of stubs) {
    try {
      mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
      rmSync(to, { force: true });
      copyFileSync(from, to);
      chmodSync(to, 0o600);
    } catch (error) {
      log.warn({ to, reason: reasonOf(error) }, 'placeholder file not placed');
    }
  }
}
