import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** They name tests, in quotes, as well as files. */
const proofs = ['docs/decisions/025-guards.md', 'docs/decisions/026-what-shows-each-promise.md'];
const documents = [
  'README.md',
  'CLAUDE.md',
  'CONTRIBUTING.md',
  'docs/how-a-message-travels.md',
  'docs/architecture.md',
  'docs/contracts.md',
  'docs/reliability.md',
  'docs/decisions/027-time-and-packages-of-system-tests.md',
  ...proofs,
];

/** Paths in backticks that begin with a folder of this repository and hold no pattern. */
function pathsIn(document: string): string[] {
  const text = readFileSync(path.join(root, document), 'utf8');
  const found = text.matchAll(/`((?:src|setup|container|scripts|test|docs|\.claude)\/[\w./-]+)`/g);
  return [...found].map((match) => match[1] ?? '');
}

describe.each(documents)('%s', (document) => {
  it('names files that exist', () => {
    expect(pathsIn(document).filter((named) => !existsSync(path.join(root, named)))).toEqual([]);
  });
});

it('the way of a message is told on one page, in at most twenty steps', () => {
  const text = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
  const [, way = ''] = text.split('\n## The way of a message\n');
  const steps = (way.split('\n## ')[0] ?? '').match(/^\d+\. /gm) ?? [];
  expect(steps.length).toBeGreaterThan(10);
  expect(steps.length).toBeLessThanOrEqual(20);
});

it('src/ has no more than eighteen files at its root', () => {
  const files = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((one) => one.isFile());
  expect(files.length).toBeLessThanOrEqual(18);
});

it('the way of a message is told with the files of all its hops', () => {
  expect(new Set(pathsIn('docs/how-a-message-travels.md')).size).toBeGreaterThan(25);
});

describe.each(proofs)('%s', (document) => {
  it('names tests that exist', () => {
    const tests = ['test', 'container/agent-runner/test'].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
        .map((name) => readFileSync(path.join(root, folder, name), 'utf8')),
    );
    const quoted = readFileSync(path.join(root, document), 'utf8').matchAll(/"([^"]*)"/g);
    // Shorter ones are words, not names.
    const named = [...quoted].map((match) => match[1] ?? '').filter((name) => name.length > 20);
    expect(named.length).toBeGreaterThan(5);
    const all = tests.join('\n');
    expect(named.filter((name) => !all.includes(name))).toEqual([]);
  });
});
