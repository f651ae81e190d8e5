import { randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { copyFile, open as openFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Clock } from '../clock.js';
import { codeOf } from '../errors.js';

/** Why a file could not be taken along, as the end of a sentence; no raw text of a platform. */
export class SaveProblem extends Error {}

export interface SaveOptions {
  maxBytes: number;
  /** What to say about more bytes than that. */
  tooLarge: string;
  timeoutMs: number;
}

const DISK_ERROR = /^E(NOSPC|DQUOT|ROFS|ACCES|PERM|IO|NOENT|NOTDIR|ISDIR|EXIST|MFILE|NFILE)$/;

/**
 * Writes a stream into `path`, whole or not at all: under another name first, on disk before it is renamed. Gives its
 * size. A failing, slow or over-long stream is a SaveProblem; a failing disk is the file system's own error.
 */
export async function saveStream(
  open: () => Promise<Readable>,
  path: string,
  options: SaveOptions,
  clock: Clock,
): Promise<number> {
  const abort = new AbortController();
  const timer = clock.after(options.timeoutMs, () => abort.abort());
  let size = 0;
  try {
    const source = await openUnlessAborted(open, abort.signal);
    const counter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        if (size > options.maxBytes) done(new SaveProblem(options.tooLarge));
        else done(null, chunk);
      },
    });
    await throughUnfinished(path, async (unfinished) => {
      const target = createWriteStream(unfinished, { flags: 'wx', mode: 0o644, flush: true });
      await pipeline(source, counter, target, { signal: abort.signal });
    });
    return size;
  } catch (error) {
    if (error instanceof SaveProblem) throw error;
    if (abort.signal.aborted) throw new SaveProblem('it took too long to arrive');
    if (DISK_ERROR.test(codeOf(error))) throw error;
    throw new SaveProblem('the platform did not hand it over');
  } finally {
    timer.cancel();
  }
}

/** A second copy of a file that was saved before. */
export async function copySaved(from: string, to: string): Promise<void> {
  if (from === to) return;
  await throughUnfinished(to, async (unfinished) => {
    await copyFile(from, unfinished, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const file = await openFile(unfinished, 'r+');
    await file.sync().finally(() => file.close());
  });
}

/** Nobody ever sees half a file under its own name. */
async function throughUnfinished(path: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = join(dirname(path), `.${randomUUID()}.part`);
  try {
    await write(unfinished);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

function openUnlessAborted(open: () => Promise<Readable>, signal: AbortSignal): Promise<Readable> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    open().then((source) => {
      // A stream may break before anybody pipes it: unheard, that would end the host.
      source.on('error', () => {});
      if (signal.aborted) source.destroy();
      resolve(source);
    }, reject);
  });
}
