import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the image is made of, below the checkout's `container/`. */
const SOURCES = ['Dockerfile', 'agent-runner/package.json', 'agent-runner/package-lock.json'];
const TREES = ['agent-runner/src', 'skills'];

/** The files that go into the image, as paths below `container/`, in a fixed order. */
export async function imageFiles(root: string): Promise<string[]> {
  const container = join(root, 'container');
  const trees = await Promise.all(TREES.map((tree) => filesBelow(container, tree)));
  const present = new Set(await readdir(join(container, 'agent-runner')).catch(() => []));
  const single = SOURCES.filter((file) => !file.includes('/') || present.has(file.split('/')[1] ?? ''));
  return [...single, ...trees.flat()].sort();
}

/** 16 hex digits that change when anything that goes into the image changes. `root`: the checkout. */
export async function runnerHash(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await imageFiles(root)) {
    const content = await readFile(join(root, 'container', file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(container: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(container, folder), { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesBelow(container, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}
