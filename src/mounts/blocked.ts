import { relative, sep } from 'node:path';

/** Names of files and folders that hold secrets: no path that goes through one is ever mounted. */
const ALWAYS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/wharfie',
  '.gcloud',
  '.kube',
  '.docker',
  '.password-store',
  '.env',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  '.claude',
  '.mozilla',
  'credentials',
  'id_rsa',
  'id_ed25519',
  'private_key',
  '.secret',
];

/** The blocked name that this absolute path goes through, or null. Case does not matter; `.env` blocks `.env.local` too. */
export function blockedBy(path: string, more: readonly string[]): string | null {
  const parts = `/${path.toLowerCase().split(sep).filter(Boolean).join('/')}/`;
  const found = [...ALWAYS, ...more].find((name) => parts.includes(`/${name.toLowerCase()}/`));
  if (found !== undefined) return found;
  return /\/\.env\.[^/]*\//.test(parts) ? '.env' : null;
}

/** Whether `path` is `root` or lies below it; both absolute and resolved. */
export function isWithin(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
}
