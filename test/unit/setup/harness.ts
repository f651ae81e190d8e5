import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runStep } from '../../../setup/lib/run.js';
import type { SecretSource } from '../../../setup/lib/secrets.js';
import type { Step, StepContext } from '../../../setup/lib/step.js';
import { systemClock } from '../../../src/clock.js';
import { codeRoot, pathsOf } from '../../../src/config.js';
import { type CentralDb, openCentralDb } from '../../../src/db/central/index.js';
import { answered } from '../../system/who-may-speak.js';

export interface StepRun {
  exitCode: number;
  /** The block's fields, with what was a list or an object as such. */
  fields: Record<string, unknown>;
  output: string;
}

/** An installation in a folder of its own, and a way to run steps on it. */
export function createInstallation(overrides: Partial<StepContext> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'wharfie-setup-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const paths = pathsOf(home);
  const said: string[] = [];
  const logged: string[] = [];
  const context: StepContext = {
    home,
    root: codeRoot,
    // No engine, no terminal, nothing of the machine that the test runs on.
    env: { DOCKER_HOST: `unix://${join(home, 'no-docker.sock')}`, PATH: '' },
    clock: systemClock,
    secrets: secretsOf(null),
    say: (line) => void said.push(line),
    show: (line) => void said.push(line),
    detail: (line) => void logged.push(line),
    ...overrides,
  };
  return {
    home,
    paths,
    said,
    logged,
    context,
    async run(
      step: Step,
      argv: readonly string[] = [],
      changes: Partial<StepContext> = {},
    ): Promise<StepRun> {
      const first = await this.once(step, argv, changes);
      const again = answered(first.exitCode, first.output, argv);
      return again ? this.once(step, again, changes) : first;
    },
    /** Answers no question. */
    async once(
      step: Step,
      argv: readonly string[] = [],
      changes: Partial<StepContext> = {},
    ): Promise<StepRun> {
      const { output, exitCode } = await runStep(step, argv, { ...context, ...changes }, { json: true });
      return { exitCode, fields: JSON.parse(output), output };
    },
    /** The database, as another process would see it. */
    db(): CentralDb {
      mkdirSync(paths.data, { recursive: true });
      const db = openCentralDb(paths.centralDb);
      onTestFinished(() => void db.close());
      return db;
    },
    writeEnv: (text: string) => writeFileSync(paths.envFile, text),
    readEnv: () => readFileSync(paths.envFile, 'utf8'),
  };
}

/** Standard input that holds these values, or nothing. */
export function secretsOf(values: Record<string, string> | null, interactive = false): SecretSource {
  return { interactive, read: async () => values };
}
