import type { Clock } from '../../src/clock.js';
import type { FlagSpec, FlagValues } from './flags.js';
import type { SecretSource } from './secrets.js';

/** A list or an object is one line of JSON in the block. */
export type FieldValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;
export type Fields = Record<string, FieldValue>;

/** What a step ends in: the block that it prints and the exit code (2-contracts: "Steps"). */
export type StepResult =
  | { status: 'success' | 'skipped'; fields: Fields }
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

export interface Step {
  name: string;
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
