import { runCommand } from '../lib/run-command.js';
import type { StepContext } from '../lib/step.js';
import type { Runner } from './detect.js';

const LONGEST_MS = 90_000;

export function runnerOf({ root, env, clock, detail }: StepContext): Runner {
  return ([file, ...args]) =>
    runCommand(file, args, { cwd: root, env, clock, timeoutMs: LONGEST_MS, onLine: detail });
}
