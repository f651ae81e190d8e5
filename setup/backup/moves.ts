import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { CrashPoint } from '../../src/crash-point.js';
import { replaceFile } from '../../src/files/replace.js';
import { restorePlanFile } from '../../src/host/restore-guard.js';

/** `to` goes to `aside`, and `from` takes its place; null: nothing does. */
export interface Move {
  from: string | null;
  to: string;
  aside: string;
}

const planSchema = z.array(z.object({ from: z.string().nullable(), to: z.string(), aside: z.string() }));

export function isHalfRestored(dataDir: string): boolean {
  return existsSync(restorePlanFile(dataDir));
}

export function writePlan(dataDir: string, moves: readonly Move[]): void {
  replaceFile(restorePlanFile(dataDir), JSON.stringify(moves), 0o600);
}

/** Does what the plan on disk says and is not done yet, wherever an earlier try was cut off. */
export function carryOut(dataDir: string, crashPoint: CrashPoint): void {
  const file = restorePlanFile(dataDir);
  for (const { from, to, aside } of planSchema.parse(JSON.parse(readFileSync(file, 'utf8')))) {
    const done = from === null ? !existsSync(to) : !existsSync(from);
    if (done) continue;
    if (existsSync(to)) renameSync(to, aside);
    if (from !== null) renameSync(from, to);
    crashPoint('restore:half-way');
  }
  rmSync(file);
  rmSync(join(dataDir, '.restore'), { recursive: true, force: true });
}
