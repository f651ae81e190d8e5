import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf, WharfieError } from '../errors.js';

/**
 * Codes: `file-path` (not a plain relative path), `file-missing`, `file-link` (a link somewhere on the way),
 * `file-kind` (not a regular file), `file-shared` (it has another name elsewhere), `file-too-big`, `file-platform`.
 */
class FileError extends WharfieError {}

// Not among Node's constants; the same number on every architecture that Node's Linux builds are made for.
const O_PATH = 0o10000000;

/**
 * Reads a file of a tree that a container writes. Every step goes from the open folder before it, and nothing is
 * opened for reading before it is known to be a regular file with one name: no link, FIFO or device is followed,
 * waited for or touched, whatever changes meanwhile. `path` is `a/b/c` below `root`, which is trusted: it must be a
 * folder whose own name no container can change, such as the source of a mount.
 */
export async function readFileNoFollow(
  root: string,
  path: string,
  limits: { maxBytes: number },
): Promise<Buffer> {
  if (process.platform !== 'linux') {
    throw new FileError('file-platform', 'Files of an agent can be read on Linux only.', 'Use a Linux host.');
  }
  const names = splitPath(path);
  let at = await openOrThrow(root, O_PATH | constants.O_DIRECTORY, path);
  try {
    for (const [index, name] of names.entries()) {
      const next = await openOrThrow(`/proc/self/fd/${at.fd}/${name}`, O_PATH | constants.O_NOFOLLOW, path);
      await at.close();
      at = next;
      await checkKind(at, path, index === names.length - 1);
    }
    return await readWhole(at, path, limits.maxBytes);
  } finally {
    await at.close();
  }
}

function splitPath(path: string): string[] {
  const names = path.split('/');
  const plain = (name: string) =>
    name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255;
  if (path.includes('\0') || path.length > 1024 || names.length > 32 || !names.every(plain)) {
    throw new FileError('file-path', 'The file has no plain relative path.', 'Name a file below out/files.');
  }
  return names;
}

async function openOrThrow(target: string, flags: number, path: string): Promise<FileHandle> {
  try {
    return await open(target, flags);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new FileError(
        'file-missing',
        `There is no file ${show(path)}.`,
        'Write the file before sending it.',
      );
    }
    throw error;
  }
}

async function checkKind(handle: FileHandle, path: string, last: boolean): Promise<void> {
  const stat = await handle.stat();
  if (stat.isSymbolicLink()) {
    throw new FileError(
      'file-link',
      `${show(path)} goes through a link.`,
      'Send the file itself, not a link.',
    );
  }
  if (last ? !stat.isFile() : !stat.isDirectory()) {
    throw new FileError('file-kind', `${show(path)} is not a regular file.`, 'Send a regular file.');
  }
  if (last && stat.nlink !== 1) {
    throw new FileError('file-shared', `${show(path)} is a hard link.`, 'Send a copy of the file.');
  }
}

/** Opens for reading the very file that was checked (not its name again) and reads at most `maxBytes`. */
async function readWhole(checked: FileHandle, path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(`/proc/self/fd/${checked.fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw tooBig(path, maxBytes);
    // One byte more than it had: a file that grows meanwhile is found out instead of cut.
    const buffer = Buffer.alloc(size + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    if (length > size) {
      throw new FileError(
        'file-changed',
        `${show(path)} grew while it was read.`,
        'Finish writing it first.',
      );
    }
    return buffer.subarray(0, length);
  } finally {
    await file.close();
  }
}

const tooBig = (path: string, maxBytes: number) =>
  new FileError(
    'file-too-big',
    `${show(path)} is larger than ${Math.floor(maxBytes / 1_048_576)} MiB.`,
    'Send a smaller file, or cut it into pieces.',
  );

const show = (path: string) => JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}…` : path);
