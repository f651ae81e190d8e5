import { statSync } from 'node:fs';
import { READER_ID } from './identity.js';

/**
 * Gives up root for good, where the process has it and the session folders can be reached without it.
 * `host`: there was nothing to give up · `nobody`: done · `root`: the folder lies where only root can go.
 */
export function dropPrivileges(sessionsDir: string): 'host' | 'nobody' | 'root' {
  if (process.geteuid?.() !== 0) return 'host';
  if (!reachable(sessionsDir)) return 'root';
  process.setgroups?.([]);
  process.setgid?.(READER_ID);
  process.setuid?.(READER_ID);
  return 'nobody';
}

function reachable(dir: string): boolean {
  process.setegid?.(READER_ID);
  process.seteuid?.(READER_ID);
  try {
    // The dot makes it pass through the folder, which is all that opening a file further down needs.
    statSync(`${dir}/.`);
    return true;
  } catch {
    return false;
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
