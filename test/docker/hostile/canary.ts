import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Stands in a file beside the installation; must never be seen anywhere. */
export const SECRET = 'canary-5c1f0a9d-never-to-be-seen';

/** Files of the host that no container may change, and what tells whether one did. */
export function createCanary(home: string) {
  const folder = path.join(home, 'canary');
  mkdirSync(path.join(folder, 'deep'), { recursive: true });
  writeFileSync(path.join(folder, 'secret.txt'), SECRET, { mode: 0o644 });
  writeFileSync(path.join(folder, 'deep', 'more.txt'), SECRET, { mode: 0o644 });
  const watched = [folder, path.join(home, '.env'), path.join(home, 'data', 'groups', 'bystander')];
  const look = () => JSON.stringify(watched.flatMap((root) => describe(root)));
  return { folder, look };
}

function describe(file: string): string[] {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (!stat) return [`${file} missing`];
  const facts = `${file} ${stat.mode} ${stat.uid} ${stat.nlink} ${stat.size}`;
  if (stat.isDirectory()) {
    return [facts, ...readdirSync(file).flatMap((name) => describe(path.join(file, name)))];
  }
  const content = stat.isFile() ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
  return [`${facts} ${stat.mtimeMs} ${content}`];
}
