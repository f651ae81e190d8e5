import { codeOf, reasonOf } from '../errors.js';
import { SessionError } from './types.js';

/** Somebody holds a lock just now: worth another try. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'SQLITE_BUSY' || code.startsWith('SQLITE_BUSY_') || code === 'SQLITE_LOCKED';
}

/** What SQLite or the file system said about a session's file, as a sentence; other errors pass as they are. */
export function asSessionError(error: unknown, root: string): unknown {
  const code = codeOf(error);
  if (/^SQLITE_(CORRUPT|NOTADB|CANTOPEN)|^ENOTDIR$|^ENOENT$/.test(code)) return corrupt(root, error);
  if (/^SQLITE_FULL|^ENOSPC$|^EDQUOT$/.test(code)) {
    return new SessionError(
      'disk-full',
      'The disk is full.',
      'Free some space; waiting messages then go on.',
      {
        cause: error,
      },
    );
  }
  if (/^SQLITE_(READONLY|IOERR|PERM)|^EACCES$|^EPERM$|^EROFS$/.test(code)) {
    return new SessionError(
      'session-unwritable',
      `The session in ${root} cannot be written (${reasonOf(error)}).`,
      `Make the folder writable for the user that runs the host: ls -ld ${root}/in`,
      { cause: error },
    );
  }
  return error;
}

function corrupt(root: string, cause: unknown): SessionError {
  return new SessionError(
    'session-corrupt',
    `The session in ${root} cannot be used (${reasonOf(cause)}).`,
    `Move it away (mv ${root} ${root}.broken); the next message starts a fresh conversation.`,
    { cause },
  );
}

export function locked(root: string): SessionError {
  return new SessionError(
    'session-locked',
    `The session in ${root} is locked by another process.`,
    `See who holds it (fuser -v ${root}/in/inbound.db) and end that process.`,
  );
}

export function closed(): SessionError {
  return new SessionError('session-closed', 'The host is shutting down.', 'Start it again: npm start');
}

export function unknown(sessionId: string): SessionError {
  return new SessionError(
    'session-unknown',
    `There is no session ${sessionId}.`,
    'List what there is: ./wharfie status',
  );
}
