import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFileNoFollow } from '../../../src/files/no-follow.js';

function tree() {
  const base = mkdtempSync(join(tmpdir(), 'wharfie-files-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = join(base, 'out', 'files');
  mkdirSync(join(root, 'deep', 'er'), { recursive: true });
  writeFileSync(join(base, 'secret'), 'secret');
  writeFileSync(join(root, 'deep', 'er', 'note.txt'), 'hello');
  return { base, root, read: (path: string, maxBytes = 1000) => readFileNoFollow(root, path, { maxBytes }) };
}

const descriptors = () => readdirSync('/proc/self/fd').length;

test('reads a regular file, whole, and leaves nothing open', async () => {
  const { root, read } = tree();
  const before = descriptors();
  expect((await read('deep/er/note.txt')).toString()).toBe('hello');
  writeFileSync(join(root, 'empty'), '');
  expect(await read('empty')).toHaveLength(0);
  writeFileSync(join(root, 'exact'), Buffer.alloc(1000, 7));
  expect(await read('exact')).toEqual(Buffer.alloc(1000, 7));
  expect(descriptors()).toBe(before);
});

test('the root itself may be reached through links', async () => {
  const { base, root } = tree();
  symlinkSync(root, join(base, 'alias'));
  expect((await readFileNoFollow(join(base, 'alias'), 'deep/er/note.txt', { maxBytes: 9 })).toString()).toBe(
    'hello',
  );
});

test.each([
  ...[
    '/etc/passwd',
    '..',
    '../secret',
    'deep/../../secret',
    '',
    '.',
    'deep//er/note.txt',
    './deep',
    'deep/er/',
  ],
  ...['a\0b', 'x'.repeat(256), 'd/'.repeat(600), 'd/'.repeat(33).slice(0, -1)],
])('%j is no path', async (path) => {
  await expect(tree().read(path)).rejects.toMatchObject({ code: 'file-path' });
});

const traps: [string, string, string, (root: string, base: string) => unknown][] = [
  ['a file that is not there', 'gone', 'file-missing', () => {}],
  ['a file in a file', 'f/x', 'file-kind', (root) => writeFileSync(join(root, 'f'), '')],
  ['a link to a file', 'l', 'file-link', (root, base) => symlinkSync(join(base, 'secret'), join(root, 'l'))],
  ['a link to nowhere', 'l', 'file-link', (root) => symlinkSync('nowhere', join(root, 'l'))],
  [
    'a file behind a link to a folder',
    'l/secret',
    'file-link',
    (root, base) => symlinkSync(base, join(root, 'l')),
  ],
  ['a link to itself', 'l', 'file-link', (root) => symlinkSync('l', join(root, 'l'))],
  ['a hard link', 'h', 'file-shared', (root, base) => linkSync(join(base, 'secret'), join(root, 'h'))],
  ['a folder', 'deep', 'file-kind', () => {}],
  ['a FIFO', 'p', 'file-kind', (root) => execFileSync('mkfifo', [join(root, 'p')])],
  [
    'ten sparse gigabytes',
    's',
    'file-too-big',
    (root) => {
      writeFileSync(join(root, 's'), '');
      truncateSync(join(root, 's'), 10 * 2 ** 30);
    },
  ],
  ['one byte too many', 'b', 'file-too-big', (root) => writeFileSync(join(root, 'b'), Buffer.alloc(1001))],
  ['a name with a newline', 'a\nb', 'file-missing', () => {}],
];

test.each(traps)('%s is refused', async (_name, path, code, set) => {
  const { base, root, read } = tree();
  set(root, base);
  const before = descriptors();
  await expect(read(path)).rejects.toMatchObject({ code, message: expect.not.stringContaining('\n') });
  expect(descriptors()).toBe(before);
});

test('a socket is refused', async () => {
  const { root, read } = tree();
  const server = createServer().listen(join(root, 's'));
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(read('s')).rejects.toMatchObject({ code: 'file-kind' });
});

test.runIf(process.geteuid?.() === 0)('a device is refused', async () => {
  const { root, read } = tree();
  execFileSync('mknod', [join(root, 'd'), 'c', '1', '5']);
  await expect(read('d')).rejects.toMatchObject({ code: 'file-kind' });
});

test('a folder and a link that change places all the time never lead outside', async () => {
  const { base, root, read } = tree();
  mkdirSync(join(base, 'elsewhere'));
  writeFileSync(join(base, 'elsewhere', 'note.txt'), 'secret');
  mkdirSync(join(root, 'folder'));
  writeFileSync(join(root, 'folder', 'note.txt'), 'hello');
  symlinkSync(join(base, 'elsewhere'), join(root, 'link'));
  let swapping = true;
  const swaps = (async () => {
    while (swapping) {
      await rename(join(root, 'folder'), join(root, 'aside'));
      await rename(join(root, 'link'), join(root, 'folder'));
      await rename(join(root, 'folder'), join(root, 'link'));
      await rename(join(root, 'aside'), join(root, 'folder'));
    }
  })();
  const seen = new Set<string>();
  // On a machine that is busy with other things it may take a while until the folder is met in its place.
  for (let round = 0; round < 400 || !seen.has('hello'); round += 1) {
    seen.add(await read('folder/note.txt').then(String, (error: { code: string }) => error.code));
  }
  swapping = false;
  await swaps;
  expect([...seen].filter((each) => !['hello', 'file-link', 'file-missing'].includes(each))).toEqual([]);
  expect(seen).toContain('hello');
});
