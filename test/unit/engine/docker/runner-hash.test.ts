import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageFiles, runnerHash } from '../../../../src/engine/docker/runner-hash.js';

const CHANGES = [
  'Dockerfile',
  'agent-runner/package-lock.json',
  'agent-runner/src/main.ts',
  'agent-runner/src/new.ts',
  'skills/b.md',
];

describe('the hash of the runner', () => {
  let root = '';
  const put = async (path: string, content: string) => {
    const file = join(root, 'container', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'wharfie-hash-'));
    await put('Dockerfile', 'FROM scratch');
    await put('agent-runner/package.json', '{}');
    await put('agent-runner/package-lock.json', '{}');
    await put('agent-runner/src/main.ts', 'one');
    await put('agent-runner/src/db/connection.ts', 'two');
    await put('skills/note/SKILL.md', 'three');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('is the same for the same sources', async () => {
    const hash = await runnerHash(root);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(await runnerHash(root)).toBe(hash);
  });

  it.each(CHANGES)('changes with %s', async (path) => {
    const before = await runnerHash(root);
    await put(path, 'changed');
    expect(await runnerHash(root)).not.toBe(before);
  });

  it('does not care for what is not in the image', async () => {
    const before = await runnerHash(root);
    await put('agent-runner/node_modules/zod/index.js', '');
    await put('agent-runner/test/some.test.ts', '');
    await put('build.ts', '');
    expect(await runnerHash(root)).toBe(before);
    expect(await imageFiles(root)).toEqual([
      'Dockerfile',
      'agent-runner/package-lock.json',
      'agent-runner/package.json',
      'agent-runner/src/db/connection.ts',
      'agent-runner/src/main.ts',
      'skills/note/SKILL.md',
    ]);
  });

  it('tells a moved line from a changed one', async () => {
    await put('agent-runner/src/a.ts', 'xy');
    await put('agent-runner/src/b.ts', 'z');
    const before = await runnerHash(root);
    await put('agent-runner/src/a.ts', 'x');
    await put('agent-runner/src/b.ts', 'yz');
    expect(await runnerHash(root)).not.toBe(before);
  });
});
