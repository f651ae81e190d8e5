import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.js';

/** What programs of the person's take orders from where they find it: git its hooks, Claude Code its settings and servers. */
const TAKES_ORDERS = new Set(['.git', '.claude', '.mcp.json']);
/** A folder with these is a repository without being called `.git`. */
const BARE = ['HEAD', 'objects', 'refs'];
const DEEPEST = 3;
const MOST_FOLDERS = 500;
const MOST_FOUND = 20;

/**
 * Paths below an agent's folder (`a/.git`) at which a program that a person runs there would take the agent's word. They
 * are named and never opened; neither is what lies behind a link. Only the first levels: it is a look, not a search.
 */
export async function plantedIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [{ path: '', depth: 0 }];
  for (let looked = 0; looked < MOST_FOLDERS && found.length < MOST_FOUND; looked += 1) {
    const next = waiting.shift();
    if (!next) break;
    const entries = await entriesOf(join(folder, next.path));
    const at = (name: string) => (next.path === '' ? name : `${next.path}/${name}`);
    const names = new Set(entries.map((entry) => entry.name));
    // The name in any spelling: a file system may not tell them apart.
    const taking = entries.filter((entry) => TAKES_ORDERS.has(entry.name.toLowerCase()));
    found.push(...taking.map((entry) => at(entry.name)));
    if (BARE.every((name) => names.has(name))) found.push(at('HEAD'));
    if (next.depth >= DEEPEST) continue;
    for (const entry of entries) {
      if (entry.isDirectory() && !taking.includes(entry))
        waiting.push({ path: at(entry.name), depth: next.depth + 1 });
    }
  }
  return found.slice(0, MOST_FOUND);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Gone meanwhile, closed to us by the agent, or no folder any more.
    if (['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(codeOf(error))) return [];
    throw error;
  }
}
