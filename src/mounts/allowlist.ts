import { mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { codeOf, WharfieError } from '../errors.js';
import { replaceFile } from '../files/replace.js';

/** Codes: `mount-not-allowed`, `mount-missing`, `allowlist-unreadable`, `allowlist-invalid` (the file on disk). */
export class MountError extends WharfieError {}

const folder = z
  .string()
  .refine(
    (path) => isAbsolute(path) || path === '~' || path.startsWith('~/'),
    'must be absolute, or begin with ~/',
  );

/** Which folders of the host agent groups may be given; one file for all installations of a user. */
export const allowlistSchema = z
  .object({
    allow: z.array(z.object({ path: folder, readOnly: z.boolean().default(true) }).strict()).default([]),
    /** More names that are never mounted, beside the ones that never are. */
    blocked: z.array(z.string().min(1)).default([]),
  })
  .strict();
export type Allowlist = z.output<typeof allowlistSchema>;

/** Outside every checkout, where no agent and no `git clean` reaches it. */
export function allowlistFile(home: string): string {
  return join(home, '.config', 'wharfie', 'mount-allowlist.json');
}

/** Where there is no file nothing is allowed. Throws `allowlist-invalid`. */
export function readAllowlist(file: string): Allowlist {
  try {
    return parseAllowlist(readFileSync(file, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return allowlistSchema.parse({});
    if (!(error instanceof MountError)) throw error;
    throw new MountError('allowlist-invalid', `${file}: ${error.message}`, error.fix, { cause: error });
  }
}

/** Throws `allowlist-unreadable` with all problems at once. */
export function parseAllowlist(json: string): Allowlist {
  const fix = `./wharfie mounts --json '{"allow": [{"path": "~/notes", "readOnly": true}]}' (with your own folders; or none: ./wharfie mounts --empty)`;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new MountError('allowlist-unreadable', 'The allow-list is not JSON.', fix, { cause });
  }
  const parsed = allowlistSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'value'}: ${issue.message}`);
  throw new MountError('allowlist-unreadable', `The allow-list cannot be used: ${problems.join('; ')}.`, fix);
}

export function writeAllowlist(file: string, allowlist: Allowlist): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  replaceFile(file, `${JSON.stringify(allowlist, null, 2)}\n`, 0o600);
}

/** The absolute path without links, or null where nothing is there. `~` is `home`. */
export function realPath(path: string, home: string): string | null {
  const absolute = absolutePath(path, home);
  if (absolute === null) return null;
  try {
    return realpathSync(absolute);
  } catch {
    return null;
  }
}

/** The path as it is written, links and all; null: it is not absolute. */
export function absolutePath(path: string, home: string): string | null {
  const absolute = path === '~' ? home : path.startsWith('~/') ? join(home, path.slice(2)) : path;
  return isAbsolute(absolute) ? resolve(absolute) : null;
}
