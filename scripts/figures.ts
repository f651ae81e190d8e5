/**
 * Figures of the source tree, to be watched: how many files, how long, how often imported. Nothing is aimed at them.
 *
 *   npm run figures                 the working tree
 *   npm run figures -- v1.0 main    a column for each commit, then one for the working tree
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** An import or a re-export of what is there at run time; one in a function is none: it is loaded later. */
const RUN_TIME = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'(\.[^']+)'/gm;
const ANY = /(?:\bfrom\s+|\bimport\(|^import\s+)'(\.[^']+)'/gm;

/** The production code: what runs on a host, in its set-up, and in a container. */
const PACKAGES = ['src', 'setup', 'container/agent-runner/src'];

export const repository = fileURLToPath(new URL('..', import.meta.url));

export function sourcesIn(folder: string): Set<string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  return new Set(
    sources.filter((name) => !name.includes('node_modules')).map((name) => path.join(folder, name)),
  );
}

function importsOf(file: string, files: ReadonlySet<string>, pattern: RegExp): string[] {
  return [...readFileSync(file, 'utf8').matchAll(pattern)]
    .map(([, from = '']) => path.resolve(path.dirname(file), from.replace(/\.js$/, '.ts')))
    .filter((imported) => files.has(imported));
}

/** Import cycles among `files`, each as a way that comes back to where it began; and how many imports there are. */
export function cyclesAmong(files: ReadonlySet<string>): { imports: number; cycles: string[][] } {
  const imports = new Map([...files].map((file) => [file, importsOf(file, files, RUN_TIME)]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const walk = (file: string, way: string[]) => {
    const at = way.indexOf(file);
    if (at >= 0) {
      cycles.push([...way.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of imports.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return { imports: [...imports.values()].flat().length, cycles };
}

/** One column of the table. */
export function figuresOf(root: string): Record<string, number> {
  const files = new Set(PACKAGES.flatMap((folder) => [...sourcesIn(path.join(root, folder))]));
  const lengths = [...files].map((file) => readFileSync(file, 'utf8').split('\n').length - 1);
  lengths.sort((a, b) => a - b);
  const importers = new Map<string, number>();
  for (const file of files) {
    for (const imported of new Set(importsOf(file, files, ANY))) {
      importers.set(imported, (importers.get(imported) ?? 0) + 1);
    }
  }
  const middle = lengths.length >> 1;
  return {
    'files at the root of src/': [...files].filter((file) => path.dirname(file) === path.join(root, 'src'))
      .length,
    'production files': files.size,
    lines: lengths.reduce((sum, length) => sum + length, 0),
    'median lines a file': ((lengths[middle] ?? 0) + (lengths[(lengths.length - 1) >> 1] ?? 0)) / 2,
    'longest file': lengths.at(-1) ?? 0,
    'files with one importer': [...importers.values()].filter((count) => count === 1).length,
    'cycles of imports': cyclesAmong(files).cycles.length,
  };
}

function figuresAt(commit: string): Record<string, number> {
  const root = mkdtempSync(path.join(tmpdir(), 'wharfie-figures-'));
  try {
    const archive = execFileSync('git', ['-C', repository, 'archive', commit], { maxBuffer: 2 ** 28 });
    execFileSync('tar', ['-x', '-C', root], { input: archive });
    return figuresOf(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const commits = process.argv.slice(2);
  const columns = [...commits.map(figuresAt), figuresOf(repository)];
  const titles = [...commits, 'working tree'];
  process.stdout.write(`| | ${titles.join(' | ')} |\n| --- |${titles.map(() => ' --- |').join('')}\n`);
  for (const name of Object.keys(columns[0] ?? {})) {
    const values = columns.map((column) => (column[name] ?? 0).toLocaleString('en'));
    process.stdout.write(`| ${name} | ${values.join(' | ')} |\n`);
  }
}
