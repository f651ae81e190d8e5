import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../../src/errors.js';
import type { InstallationFacts } from './installation.js';

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
      devOptional: z.boolean().optional(),
      peer: z.boolean().optional(),
    }),
  ),
});
type Lock = z.infer<typeof lockSchema>;

const PREFIX = 'node_modules/';

/** What of the lock file is not in `node_modules` in that version, by npm's own record of what it installed. */
export function differingPackages(root: string): InstallationFacts['differing'] {
  const wanted = readLock(join(root, 'package-lock.json'));
  const found = readLock(join(root, 'node_modules', '.package-lock.json'));
  return wanted === null ? [] : compareLocks(wanted, found ?? { packages: {} });
}

/** Development and optional packages may be left out, so only another version of them counts. */
export function compareLocks(wanted: Lock, found: Lock): InstallationFacts['differing'] {
  return Object.entries(wanted.packages).flatMap(([path, entry]) => {
    if (!path.startsWith(PREFIX) || entry.version === undefined) return [];
    const present = found.packages[path]?.version ?? null;
    const mayMiss = entry.dev || entry.optional || entry.devOptional || entry.peer;
    if (present === entry.version || (present === null && mayMiss)) return [];
    return [
      { name: path.slice(path.lastIndexOf(PREFIX) + PREFIX.length), wanted: entry.version, found: present },
    ];
  });
}

function readLock(file: string): Lock | null {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
