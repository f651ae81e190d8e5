import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const documents = ['README.md', 'CLAUDE.md', 'CONTRIBUTING.md', 'docs/how-a-message-travels.md'];

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
