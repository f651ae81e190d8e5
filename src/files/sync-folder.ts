import { closeSync, fsyncSync, openSync } from 'node:fs';

/** A name that was made or moved survives a power cut only once the folder that it is in is on disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
