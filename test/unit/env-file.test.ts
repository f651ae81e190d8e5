import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEnvFile } from '../../src/env-file.js';

const dir = mkdtempSync(join(tmpdir(), 'wharfie-env-'));
const path = join(dir, '.env');
afterEach(() => rmSync(path, { force: true, recursive: true }));

describe('the .env file', () => {
  it('is read again when it changes, appears or goes', () => {
    const file = createEnvFile(path);
    expect(file.read()).toEqual({});
    writeFileSync(path, 'WHARFIE_TEST_KEY="one"\n# x\n');
    expect(file.read()).toEqual({ WHARFIE_TEST_KEY: 'one' });
    writeFileSync(path, 'WHARFIE_TEST_KEY=second\n');
    expect(file.read()).toEqual({ WHARFIE_TEST_KEY: 'second' });
    rmSync(path);
    expect(file.read()).toEqual({});
    expect(process.env.WHARFIE_TEST_KEY).toBeUndefined();
  });

  it('is read again when another file of the same size and time took its place', () => {
    const file = createEnvFile(path);
    const write = (to: string, text: string) => {
      writeFileSync(to, text);
      utimesSync(to, 1_700_000_000, 1_700_000_000);
    };
    write(path, 'K=aaaa');
    expect(file.read()).toEqual({ K: 'aaaa' });
    write(`${path}.new`, 'K=bbbb');
    renameSync(`${path}.new`, path);
    expect(file.read()).toEqual({ K: 'bbbb' });
  });

  it('says what to do when it cannot be read', () => {
    mkdirSync(path);
    expect(() => createEnvFile(path).read()).toThrow(
      expect.objectContaining({ code: 'env-unreadable', fix: expect.stringContaining(`ls -l ${path}`) }),
    );
  });
});
