import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { type OutboundDb, openOutbound } from '../db/outbound/index.js';
import { codeOf } from '../errors.js';

const MAX_FILE_BYTES = 2 ** 30;
const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** The file is not what the host made. */
export class BadFileError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * An outbound.db, held open: our own descriptor for looking at it (closed after SQLite's, for closing any descriptor of
 * a file drops the process's locks on it) and SQLite's handle.
 */
export interface HeldFile {
  readonly fd: number;
  readonly db: OutboundDb;
}

/** Looks at the file before SQLite sees it, then opens it. Throws a BadFileError, or what SQLite says. */
export function openHeldFile(file: string): HeldFile {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = describe(() => openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), 'outbound.db');
  try {
    checkFile(fd);
    checkNeighbours(file);
    return { fd, db: openOutbound(file) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Looks again before each read: the container can write into the file, and add what SQLite would act upon. */
export function recheck(file: string, held: HeldFile): void {
  checkFile(held.fd);
  checkNeighbours(file);
}

/** Is it still the file of that name? */
export function isCurrent(file: string, held: HeldFile): boolean {
  const now = stat(file);
  const then = fstatSync(held.fd);
  return now?.ino === then.ino && now.dev === then.dev;
}

export function closeHeldFile(held: HeldFile): void {
  held.db.close();
  closeSync(held.fd);
}

function checkFile(fd: number): void {
  const found = fstatSync(fd);
  if (!found.isFile()) throw new BadFileError('outbound-not-file', 'outbound.db is not a regular file.');
  if (found.nlink !== 1)
    throw new BadFileError('outbound-links', 'outbound.db does not have exactly one name.');
  if (found.size > MAX_FILE_BYTES)
    throw new BadFileError('outbound-size', 'outbound.db is larger than 1 GiB.');
  const header = Buffer.alloc(HEADER_BYTES);
  const length = readSync(fd, header, 0, HEADER_BYTES, 0);
  if (length < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC) {
    throw new BadFileError('outbound-header', 'outbound.db is not an SQLite database.');
  }
  // Bytes 18 and 19: 1 rollback journal, 2 WAL (https://www.sqlite.org/fileformat.html, "The Database Header").
  if (header[18] !== 1 || header[19] !== 1) {
    throw new BadFileError('outbound-header', 'outbound.db is not in rollback journal mode.');
  }
}

function checkNeighbours(file: string): void {
  for (const suffix of ['-wal', '-shm']) {
    if (stat(file + suffix)) throw new BadFileError('outbound-wal', `There is an outbound.db${suffix}.`);
  }
  const journal = stat(`${file}-journal`);
  if (!journal) return;
  if (!journal.isFile() || journal.nlink !== 1) {
    throw new BadFileError('outbound-journal', 'The journal of outbound.db is not a regular file.');
  }
  // SQLite takes a journal that it cannot read for a hot one, and no recovery would change that.
  describe(() => accessSync(`${file}-journal`, constants.R_OK), 'The journal of outbound.db');
}

function stat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function describe<T>(use: () => T, what: string): T {
  try {
    return use();
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') throw new BadFileError('outbound-missing', `${what} is missing.`);
    if (code === 'ELOOP') throw new BadFileError('outbound-not-file', `${what} is a link.`);
    if (code === 'EACCES') throw new BadFileError('outbound-unreadable', `${what} may not be read.`);
    throw error;
  }
}
