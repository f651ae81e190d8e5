import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installedVersion, installPackage, isDependency } from '../../../../setup/channel/package.js';
import { createInstallation } from '../harness.js';

const wanted = { name: '@x/chat', version: '1.2.3' };

/** A checkout, and an `npm` on PATH that does what `script` says in it and tells what it was asked. */
function checkout(script: string) {
  const root = mkdtempSync(join(tmpdir(), 'wharfie-checkout-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'package.json'), '{"dependencies":{"zod":"1.0.0"}}');
  writeFileSync(join(root, 'package-lock.json'), '{}');
  const npm = join(root, 'bin', 'npm');
  mkdirSync(dirname(npm));
  writeFileSync(npm, `#!/bin/sh\necho "$@" > asked\n${script}\n`);
  chmodSync(npm, 0o755);
  const { context, logged } = createInstallation({ root, env: { PATH: `${dirname(npm)}:/usr/bin:/bin` } });
  return { root, context, logged, read: (file: string) => readFileSync(join(root, file), 'utf8') };
}

describe('installPackage', () => {
  it('asks npm for exactly that version', async () => {
    const folder = 'node_modules/@x/chat';
    const { context, root, read } = checkout(
      `mkdir -p ${folder}; echo '{"version":"1.2.3"}' > ${folder}/package.json`,
    );
    expect(installedVersion(root, wanted.name)).toBeNull();
    await installPackage(context, wanted);
    expect(read('asked')).toBe('install --save-exact @x/chat@1.2.3 --no-audit --no-fund\n');
    expect(installedVersion(root, wanted.name)).toBe('1.2.3');
    expect([isDependency(root, 'zod'), isDependency(root, wanted.name)]).toEqual([true, false]);
  });

  it.each([
    [
      'npm fails half-way',
      `echo '{"half":1}' > package.json; echo 'npm error E404 no such version' >&2; exit 1`,
    ],
    [
      'npm installs another version',
      `mkdir -p node_modules/@x/chat; echo '{"version":"9.9.9"}' > node_modules/@x/chat/package.json; echo 'npm error E404' >&2; echo '{}' > package.json`,
    ],
  ])('puts package.json back where %s', async (_, script) => {
    const { context, read, logged } = checkout(script);
    await expect(installPackage(context, wanted)).rejects.toMatchObject({
      code: 'package-install-failed',
      message: expect.stringContaining('E404'),
    });
    expect(read('package.json')).toBe('{"dependencies":{"zod":"1.0.0"}}');
    expect(logged.join()).toContain('E404');
  });
});
