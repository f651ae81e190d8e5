import { execFileSync } from 'node:child_process';
import { codeRoot } from '../src/config.js';

/** Builds once what all hosts and steps of this run are started from; else each of the first ones would. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/built/run.mjs', '--build'], { cwd: codeRoot, stdio: 'inherit' });
}
