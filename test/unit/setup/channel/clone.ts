import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { codeRoot } from '../../../../src/config.js';

const PARTS = ['src', 'setup', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** A checkout of its own with this one's packages: its barrel may be edited, its host started. */
export function createClone(): string {
  const root = mkdtempSync(join(tmpdir(), 'wharfie-clone-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const part of PARTS) cpSync(join(codeRoot, part), join(root, part), { recursive: true });
  cpSync(join(codeRoot, 'container'), join(root, 'container'), {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  });
  symlinkSync(join(codeRoot, 'node_modules'), join(root, 'node_modules'));
  return root;
}
