import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** What fills a transaction until SQLite, given a tiny cache, has written pages and a journal before its commit. */
export const spillInto = (insert: string, seqs: { from: number; step: number }) =>
  `db.pragma('cache_size = 5'); db.exec('BEGIN'); const add = db.prepare(${JSON.stringify(insert)});
   for (let n = 0; n < 200; n += 1) {
     const seq = ${seqs.from} + n * ${seqs.step};
     add.run('half_' + seq, seq, 'x'.repeat(3000));
   }`;

/** Another process with `db` open on the file: runs `script`, says so, and stays until it is killed. */
export async function sqliteProcess(file: string, script: string): Promise<{ kill(): Promise<void> }> {
  const code = `const db = new (require('better-sqlite3'))(process.argv[1]); ${script};
    process.stdout.write('there'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', code, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return {
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
