import { execFile } from 'node:child_process';
import { codeOf, WharfieError } from '../../src/errors.js';

/** Codes: `git-missing`, `git-failed`, `no-checkout`, `fetch-failed`, `checkout-dirty`, `update-diverged`. */
export class GitError extends WharfieError {}

const LONGEST_MS = 300_000;
const LONGEST_OUTPUT = 64 * 2 ** 20;

export interface GitResult {
  code: number;
  out: string;
  /** What it said about a failure, without a password that a remote's address may hold. */
  err: string;
}

/** Runs git in the checkout; it asks nobody for a password and runs none of the checkout's hooks. */
export function git(root: string, ...args: string[]): Promise<GitResult> {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  const options = { cwd: root, env, timeout: LONGEST_MS, maxBuffer: LONGEST_OUTPUT };
  const plain = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.quotePath=false'];
  return new Promise((resolve, reject) => {
    execFile('git', [...plain, ...args], options, (error, stdout, stderr) => {
      if (codeOf(error) === 'ENOENT') {
        reject(
          new GitError('git-missing', 'There is no git on this machine.', 'Install git, then run it again.'),
        );
        return;
      }
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out: stdout, err: withoutPassword(stderr || (error?.message ?? '')) });
    });
  });
}

/** The same for what has to work. Throws `git-failed`. */
export async function mustGit(root: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await git(root, ...args);
  if (code === 0) return out;
  throw new GitError(
    'git-failed',
    `git ${args[0]} failed: ${err.trim().slice(-300)}`,
    'Run that command by hand in this folder to see more.',
  );
}

/** The commit of the checkout; null where git knows none. */
export async function currentCommit(root: string): Promise<string | null> {
  try {
    const { code, out } = await git(root, 'rev-parse', '--verify', '--quiet', 'HEAD');
    return code === 0 ? out.trim() : null;
  } catch (error) {
    if (error instanceof GitError) return null;
    throw error;
  }
}

function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/)[^/@\s]*@/g, '$1');
}
