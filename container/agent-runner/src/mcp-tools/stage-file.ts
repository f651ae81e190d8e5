import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, extname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PathMap } from '../paths.ts';
import { ToolError } from './types.ts';

/** No platform takes more, and the host refuses it. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

const MIME_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.gif': 'image/gif',
  '.html': 'text/html',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.wav': 'audio/wav',
  '.webp': 'image/webp',
  '.zip': 'application/zip',
};

/**
 * Copies what the agent names into `out/files` under a name of our own, on disk before the row that speaks of it. The
 * agent may change its file afterwards; what it sent stays what it was.
 */
export function createStageFile(deps: { map: PathMap; filesOut: string }) {
  return async (path: string): Promise<{ path: string; name: string; mimeType: string }> => {
    const inside = isAbsolute(path) ? path : join('/workspace/agent', path);
    const name = basename(inside).slice(0, 255) || 'file';
    const stored = randomBytes(10).toString('hex');
    await mkdir(deps.filesOut, { recursive: true });
    await copy(deps.map(inside), join(deps.filesOut, stored), path);
    return {
      path: stored,
      name,
      mimeType: MIME_TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream',
    };
  };
}

async function copy(source: string, target: string, shown: string): Promise<void> {
  const from = await open(source, constants.O_RDONLY | constants.O_NONBLOCK).catch(() => {
    throw new ToolError(`There is no file ${JSON.stringify(shown)} that can be read.`);
  });
  const partial = `${target}.part`;
  try {
    const stat = await from.stat();
    if (!stat.isFile()) throw new ToolError(`${JSON.stringify(shown)} is not a file.`);
    if (stat.size > MAX_FILE_BYTES) {
      throw new ToolError(
        `${JSON.stringify(shown)} is too big: ${stat.size} bytes, at most ${MAX_FILE_BYTES}.`,
      );
    }
    const to = await open(partial, 'wx', 0o644);
    const bounded = from.createReadStream({ end: MAX_FILE_BYTES - 1, autoClose: false });
    await pipeline(bounded, to.createWriteStream({ flush: true }));
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await from.close();
  }
}
