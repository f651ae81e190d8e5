import type { Clock } from '../../src/clock.js';
import type { FlagSpec, FlagValues } from './flags.js';
import type { SecretSource } from './secrets.js';

/** A list or an object is one line of JSON in the block. */
export type FieldValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;
export type Fields = Record<string, FieldValue>;

/** What a step ends in: the block that it prints and the exit code (docs/contracts.md#steps). */
export type StepResult =
  /** `found`: the step did what it should, and what it found is not well (exit 1). */
  | { status: 'success' | 'skipped'; fields: Fields; found?: boolean }
  | { status: 'needs_input'; question: string; options: string[]; fields?: Fields }
  | {
      status: 'failed';
      /** Stable: skills and tests rely on it. */
      error: string;
      message: string;
      /** The next command or action. */
      fix: string;
      /** Something outside has to be there first (exit 2), rather than that the step failed (exit 1). */
      precondition?: boolean;
      fields?: Fields;
    };

/**
 * What a step can do. `reads` changes nothing. `sets-up` changes this installation and gives nobody power. `grants` gives
 * a person or an agent power, takes it away, or moves what they made. Claude Code runs the first unasked, the second in a
 * skill that the person typed, the third never without a question (`scripts/claude-permissions.ts`).
 */
export type StepClass = 'reads' | 'sets-up' | 'grants';

/** A step whose flags differ: the class of each flag, and under '' that of a call without any. */
export type ClassByFlag = Readonly<Record<string, StepClass | 'modifies'>>;

export interface Step {
  name: string;
  /** A flag that `modifies` changes how another one is done: alone it leaves the call what '' says. */
  class: StepClass | ClassByFlag;
  /** One sentence for `--help`. */
  summary: string;
  flags: readonly FlagSpec[];
  run(flags: FlagValues, context: StepContext): Promise<StepResult>;
}

export interface StepContext {
  /** The folder whose `data/`, `groups/` and `.env` the step works on. */
  home: string;
  /** The checkout: its barrel, its packages, the sources of its image. */
  root: string;
  /** The process environment. */
  env: NodeJS.ProcessEnv;
  clock: Clock;
  secrets: SecretSource;
  /** Progress for a person, on stderr and in the log: stdout belongs to the block. */
  say(line: string): void;
  /** The same for what no log may keep, such as a one-time code. */
  show(line: string): void;
  /** What only somebody who looks for a cause wants to read, in the log. Never a secret. */
  detail(line: string): void;
}
