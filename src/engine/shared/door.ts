import { realpathSync } from 'node:fs';

/** Where a container has the folder with its session's socket. */
export const DOOR = '/run/wharfie';

/** Whether a container that has `found` as its door hears nobody who listens in `wanted`. One without a door needs none. */
export function isDeaf(found: string | undefined, wanted: string | null | undefined): boolean {
  return found !== undefined && wanted !== undefined && wanted !== null && real(found) !== real(wanted);
}

/** Two spellings of one folder are one door. */
function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
