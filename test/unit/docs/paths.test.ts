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
