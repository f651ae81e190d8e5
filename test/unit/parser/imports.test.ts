import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { repository, sourcesIn } from '../../../scripts/figures.js';

const src = path.join(repository, 'src');
const files = sourcesIn(src);
/** What is loaded at some time: imports, re-exports, and imports in a function; no types. */
const LOADED = /(?:^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?|\bimport\()'([^']+)'/gm;
const PARSERS = /html|markdown|mdast|remark|unified|ical|mime|mailparser|xml|parse5|cheerio|jsdom/i;

const loadedBy = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(LOADED)].map(([, name = '']) => name);
const fileOf = (from: string, name: string) => path.resolve(path.dirname(from), name.replace(/\.js$/, '.ts'));

function reachedFrom(entries: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const walk = (file: string) => {
    if (reached.has(file) || !files.has(file)) return;
    reached.add(file);
    for (const name of loadedBy(file)) if (name.startsWith('.')) walk(fileOf(file, name));
  };
  entries.forEach(walk);
  return reached;
}

test('the host and its channels load no parser of what strangers write', () => {
  const channels = readdirSync(path.join(src, 'channels')).filter((name) => name.endsWith('.ts'));
  const host = reachedFrom([
    path.join(src, 'index.ts'),
    ...channels.map((name) => path.join(src, 'channels', name)),
  ]);
  expect(host.size).toBeGreaterThan(300);
  const jobs = path.join(src, 'parser', 'jobs.ts');
  const parsing = loadedBy(jobs).map((name) => fileOf(jobs, name));
  expect(parsing.length).toBeGreaterThan(2);
  expect([jobs, ...parsing].filter((file) => host.has(file))).toEqual([]);
  const packages = [...host].flatMap((file) =>
    loadedBy(file)
      .filter((name) => !name.startsWith('.') && PARSERS.test(name))
      .map((name) => `${path.relative(src, file)}: ${name}`),
  );
  expect(packages).toEqual([]);
  // The process has what the host has not.
  const child = reachedFrom([path.join(src, 'parser', 'child.ts')]);
  expect(parsing.filter((file) => !child.has(file))).toEqual([]);
  expect([...child].flatMap(loadedBy)).toContain('html-to-text');
});
