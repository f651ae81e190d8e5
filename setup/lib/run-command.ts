import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '../../src/clock.js';

export interface CommandResult {
  /** Null: it could not be started, or a signal or the deadline ended it. */
  code: number | null;
  /** The last lines of what it wrote, at most 40. */
  tail: string[];
}

const TAIL_LINES = 40;

/** Runs a program without a shell and without standard input; every line that it writes goes to `onLine`. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: {
    cwd: string;
    env: NodeJS.ProcessEnv;
    clock: Clock;
    timeoutMs: number;
    onLine?: (line: string) => void;
  },
): Promise<CommandResult> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tail: string[] = [];
  const take = (line: string) => {
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
    options.onLine?.(line);
  };
  for (const output of [child.stdout, child.stderr]) createInterface({ input: output }).on('line', take);
  const deadline = options.clock.after(options.timeoutMs, () => {
    take(`ended after ${Math.round(options.timeoutMs / 1000)} s`);
    child.kill('SIGKILL');
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      take(error.message);
      deadline.cancel();
      resolve({ code: null, tail });
    });
    child.once('close', (code) => {
      deadline.cancel();
      resolve({ code, tail });
    });
  });
}
