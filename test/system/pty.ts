import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.js';

/** A program in a terminal, by util-linux's `script`, and the hands at its keyboard. */
export function openPty(command: string, { cwd, env }: { cwd: string; env: Record<string, string> }) {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...env, TERM: 'dumb' },
    stdio: 'pipe',
  });
  let output = '';
  let read = 0;
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const exited = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    exited,
    /** Waits until the terminal shows this, behind what was waited for before. */
    async shows(text: string): Promise<void> {
      await eventually(
        () => {
          const at = output.indexOf(text, read);
          if (at < 0)
            throw new Error(`the terminal does not show ${JSON.stringify(text)} but:\n${output.slice(read)}`);
          read = at + text.length;
          return true;
        },
        text,
        55_000,
      );
    },
    type: (line: string) => void child.stdin.write(`${line}\n`),
    /** Ctrl-C. */
    interrupt: () => void child.stdin.write('\u0003'),
    kill: () => void child.kill('SIGKILL'),
  };
}
