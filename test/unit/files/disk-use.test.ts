import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { measureTree } from '../../../src/files/disk-use.js';

function tree(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'wharfie-disk-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test('counts what is on disk, in every folder', async () => {
  const root = tree();
  const before = await measureTree(root);
  mkdirSync(path.join(root, 'a', 'b'), { recursive: true });
  writeFileSync(path.join(root, 'a', 'one'), Buffer.alloc(300_000, 1));
  writeFileSync(path.join(root, 'a', 'b', 'two'), Buffer.alloc(300_000, 1));
  const use = await measureTree(root);
  expect(use.bytes - before.bytes).toBeGreaterThanOrEqual(600_000);
  expect(use).toMatchObject({ entries: 4, uncounted: false });
});

test('holes cost nothing, and no link leads out', async () => {
  const root = tree();
  const elsewhere = tree();
  writeFileSync(path.join(elsewhere, 'large'), Buffer.alloc(1_000_000, 1));
  writeFileSync(path.join(root, 'sparse'), '');
  truncateSync(path.join(root, 'sparse'), 10 ** 10);
  symlinkSync(elsewhere, path.join(root, 'folder'));
  symlinkSync(path.join(elsewhere, 'large'), path.join(root, 'file'));
  expect((await measureTree(root)).bytes).toBeLessThan(100_000);
});

test('a name that is no UTF-8 is counted like any other', async () => {
  const root = tree();
  const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x41])]);
  writeFileSync(name, Buffer.alloc(500_000, 1));
  expect((await measureTree(root)).bytes).toBeGreaterThanOrEqual(500_000);
});

test('more entries, or deeper ones, than the bounds are said to be uncounted', async () => {
  const root = tree();
  mkdirSync(path.join(root, 'a/b/c/d'), { recursive: true });
  expect((await measureTree(root, { entries: 10, depth: 3 })).uncounted).toBe(true);
  expect((await measureTree(root, { entries: 3, depth: 9 })).uncounted).toBe(true);
  expect((await measureTree(root, { entries: 4, depth: 4 })).uncounted).toBe(false);
});

test('a tree that is not there occupies nothing', async () => {
  expect(await measureTree('/nonexistent/tree')).toEqual({ bytes: 0, entries: 0, uncounted: false });
});
