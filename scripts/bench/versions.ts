/**
 * Measures another version and this one in turns, on the same machine, with the same packages:
 *
 *   npm run bench:versions -- <commit> warm idle [--rounds 3]
 *
 * Both runs of a turn have floors of their own, so what is compared are the ratios to them: a machine that is busier
 * in one run than in the other changes little.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import minimist from 'minimist';
import { shown } from './lib/table.js';

const USAGE = 'npm run bench:versions -- <commit> <bench>… [--rounds 3]';
const here = fileURLToPath(new URL('../..', import.meta.url));

/** Each figure of a run: its median over its floor's, or its median where it has no floor. */
type Run = Map<string, number>;

function main(argv: string[]): number {
  const { _: words, rounds = 3, ...unknown } = minimist(argv, { string: ['_'] });
  const [commit, ...names] = words;
  if (!commit || names.length === 0 || Object.keys(unknown).length > 0 || !(Number(rounds) > 0)) {
    console.error(`Usage: ${USAGE}`);
    return 4;
  }
  const before: Run[] = [];
  const now: Run[] = [];
  const root = unpack(commit);
  try {
    for (let round = 1; round <= Number(rounds); round += 1) {
      console.error(`turn ${round} of ${rounds}`);
      before.push(measure(root, names));
      now.push(measure(here, names));
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  console.log(
    `| figure, as a ratio to its floor | ${commit} | now | now / ${commit} |\n| --- | --- | --- | --- |`,
  );
  for (const what of now[0]?.keys() ?? []) {
    const [was, is] = [medianOf(before, what), medianOf(now, what)];
    const change = was === null || is === null ? '–' : shown(is / was);
    console.log(
      `| ${what} | ${was === null ? '–' : shown(was)} | ${is === null ? '–' : shown(is)} | ${change} |`,
    );
  }
  return 0;
}

function unpack(commit: string): string {
  const root = mkdtempSync(path.join(tmpdir(), 'wharfie-version-'));
  const archive = execFileSync('git', ['-C', here, 'archive', commit], { maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', root], { input: archive });
  for (const folder of ['.', 'container/agent-runner']) {
    symlinkSync(path.join(here, folder, 'node_modules'), path.join(root, folder, 'node_modules'));
  }
  return root;
}

function measure(root: string, names: readonly string[]): Run {
  const args = ['--import', 'tsx', path.join('scripts', 'bench', 'index.ts'), ...names];
  const printed = execFileSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const run: Run = new Map();
  for (const line of printed.split('\n').filter((one) => one.startsWith('| '))) {
    const [, what = '', , p50 = '', , , , ratio = ''] = line.split('|').map((cell) => cell.trim());
    const value = Number(ratio || p50);
    if (what !== '' && Number.isFinite(value)) run.set(what, value);
  }
  return run;
}

/** Null: not every run has that figure. */
function medianOf(runs: readonly Run[], what: string): number | null {
  const values = runs.flatMap((run) => run.get(what) ?? []).sort((a, b) => a - b);
  return values.length === runs.length ? (values[values.length >> 1] ?? null) : null;
}

process.exit(main(process.argv.slice(2)));
