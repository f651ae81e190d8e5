import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { codeOf, WharfieError } from '../errors.js';
import { replaceFile } from '../files/replace.js';
import { shortHash } from '../ids.js';

/** Name of the socket in a session's run folder, `/run/wharfie` in its container. */
export const SOCKET_NAME = 'egress.sock';
/** Socket paths end at 108 bytes on Linux and 104 elsewhere; Node cuts longer ones without a word. */
const LONGEST_PATH_BYTES = 100;

/** Codes: `socket-path-too-long` `run-dir-unsafe`. */
export class RunDirError extends WharfieError {}

export interface RunDirs {
  /** The session's folder (mode 0711, ours alone to write), made where it does not exist. Throws a RunDirError. */
  prepare(sessionId: string): string;
}

/** Where run folders may live, best first; the choice is the same at every start, since containers mount it. */
export function runDirRoots(env: Record<string, string | undefined>, home: string, uid: number): string[] {
  const roots = [join(env.XDG_CACHE_HOME || join(home, '.cache'), 'wharfie')];
  if (env.XDG_RUNTIME_DIR) roots.push(join(env.XDG_RUNTIME_DIR, 'wharfie'));
  return [...roots, `/tmp/wharfie-${uid}`];
}

/** Keeps which root was taken: the containers that outlive a host have theirs, whatever the next one's environment says. */
export interface RememberedRoot {
  read(): string | null;
  write(root: string): void;
}

/** A file of the installation that holds it. */
export function rememberRoot(file: string): RememberedRoot {
  return {
    read() {
      try {
        const found = readFileSync(file, 'utf8').trim();
        return isAbsolute(found) ? found : null;
      } catch {
        return null;
      }
    },
    write: (root) => replaceFile(file, `${root}\n`, 0o600),
  };
}

/** `installation`: 8 hex digits that tell this checkout from others of the same user. */
export function createRunDirs(deps: {
  installation: string;
  roots: readonly string[];
  remembered?: RememberedRoot;
}): RunDirs {
  const { remembered } = deps;
  return {
    prepare(sessionId) {
      // 48 bits: two sessions must never share a door.
      const short = shortHash(sessionId, 12);
      const path = (root: string) => join(root, deps.installation, short);
      const isShort = (root: string) =>
        Buffer.byteLength(join(path(root), SOCKET_NAME)) <= LONGEST_PATH_BYTES;
      const make = (root: string) => {
        mkdirSync(root, { recursive: true, mode: 0o711 });
        for (const dir of [root, join(root, deps.installation), path(root)]) makeOwn(dir);
        return path(root);
      };
      const known = remembered?.read() ?? null;
      if (known !== null && isShort(known)) {
        try {
          return make(known);
        } catch {
          // Of another user, or gone with a login: another one is taken, as at the first start.
        }
      }
      const root = deps.roots.find(isShort);
      if (root === undefined) {
        throw new RunDirError(
          'socket-path-too-long',
          `The path of a session's socket would pass ${LONGEST_PATH_BYTES} bytes in each of ${deps.roots.join(', ')}.`,
          'Set XDG_CACHE_HOME to a folder with a short path and start again.',
        );
      }
      const made = make(root);
      if (root !== known) remembered?.write(root);
      return made;
    },
  };
}

function makeOwn(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o711 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const found = lstatSync(dir);
  // Below /tmp somebody else may have been first.
  if (!found.isDirectory() || (process.getuid && found.uid !== process.getuid())) {
    throw new RunDirError(
      'run-dir-unsafe',
      `${dir} is not a folder of this user, so no socket is put there.`,
      `Look at it (ls -ld ${dir}), remove it if it is not needed, and start again.`,
    );
  }
  if ((found.mode & 0o7777) !== 0o711) chmodSync(dir, 0o711);
}
