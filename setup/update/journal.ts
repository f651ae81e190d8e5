import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { codeOf } from '../../src/errors.js';
import { replaceFile } from '../../src/files/replace.js';
import { updateJournalFile } from '../../src/host/restore-guard.js';

const journalSchema = z.object({
  version: z.literal(1),
  /** What has begun, so that an update that was killed is undone by the next, from there. */
  phase: z.enum(['stopping', 'switching', 'migrating', 'verifying']),
  /** Commits before and after. */
  from: z.string(),
  to: z.string(),
  /** Null until it is whole. */
  backup: z.string().nullable(),
  /** Id of the agent image that was in use; null: there was none. */
  image: z.string().nullable().default(null),
  /** Services that ran, and have to run again. */
  services: z.array(z.string()),
});
export type Journal = z.infer<typeof journalSchema>;
export type Phase = Journal['phase'];

const PHASES: readonly Phase[] = journalSchema.shape.phase.options;

/** Whether an update in this phase may have gone as far as that one. */
export function reached({ phase }: Journal, wanted: Phase): boolean {
  return PHASES.indexOf(phase) >= PHASES.indexOf(wanted);
}

/** Of an update that has not ended; null: there is none. */
export function readJournal(dataDir: string): Journal | null {
  try {
    return journalSchema.parse(JSON.parse(readFileSync(updateJournalFile(dataDir), 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export function writeJournal(dataDir: string, journal: Journal): void {
  replaceFile(updateJournalFile(dataDir), JSON.stringify(journal), 0o600);
}

export function closeJournal(dataDir: string): void {
  rmSync(updateJournalFile(dataDir), { force: true });
}
