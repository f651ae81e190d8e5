import { constants } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';

export interface DiskUse {
  /** Bytes that the tree occupies on disk: holes of sparse files cost nothing. */
  bytes: number;
  entries: number;
  /** Not all of it could be counted: it is deeper or has more entries than the bounds, or it was closed to us. */
  uncounted: boolean;
}

export interface DiskUseBounds {
  entries: number;
  depth: number;
}

const defaultBounds: DiskUseBounds = { entries: 300_000, depth: 100 };
const BLOCK_BYTES = 512;

/**
 * What a tree that a container writes occupies. Every step goes from the open folder before it, so that no link leads
 * out of the tree and no depth makes a path too long; names are bytes, since a container may write any.
 */
export async function measureTree(root: string, bounds: DiskUseBounds = defaultBounds): Promise<DiskUse> {
  const use: DiskUse = { bytes: 0, entries: 0, uncounted: false };
  await countFolder(Buffer.from(root), 0, use, bounds);
  return use;
}

async function countFolder(path: Buffer, depth: number, use: DiskUse, bounds: DiskUseBounds): Promise<void> {
  if (depth > bounds.depth) {
    use.uncounted = true;
    return;
  }
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const folder = await unlessGone(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), use);
  if (!folder) return;
  try {
    const at = `/proc/self/fd/${folder.fd}`;
    // latin1: one character a byte, so that every name comes back as the bytes that it is.
    for await (const { name } of await opendir(at, { encoding: 'latin1', bufferSize: 256 })) {
      use.entries += 1;
      if (use.entries > bounds.entries) use.uncounted = true;
      if (use.uncounted) return;
      await countEntry(Buffer.from(`${at}/${name}`, 'latin1'), depth, use, bounds);
    }
  } finally {
    await folder.close();
  }
}

async function countEntry(path: Buffer, depth: number, use: DiskUse, bounds: DiskUseBounds): Promise<void> {
  const stat = await unlessGone(lstat(path), use);
  if (!stat) return;
  use.bytes += stat.blocks * BLOCK_BYTES;
  if (stat.isDirectory()) await countFolder(path, depth + 1, use, bounds);
}

/** What vanished meanwhile, or became a link, occupies nothing; what is closed to us might hide anything. */
async function unlessGone<T>(work: Promise<T>, use: DiskUse): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'EACCES')) use.uncounted = true;
    else if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    return null;
  }
}

const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
