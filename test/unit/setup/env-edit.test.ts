import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnvEditError, setEnvValues, writeEnvValues } from '../../../setup/lib/env-edit.js';

const value = fc.string({ maxLength: 40 }).filter((text) => !/['"`\r\\]/.test(text));
const line = fc.oneof(
  fc.constantFrom(
    '# a comment',
    '',
    'A=1',
    'B="two words"',
    "C='x # y'",
    'export D=4',
    'A=again',
    'E="l1\nl2"',
  ),
);

describe('setEnvValues', () => {
  it('sets the value and changes no other, whatever the file and the value are', () => {
    fc.assert(
      fc.property(
        fc.array(line),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('A', 'E', 'NEW_KEY'),
        value,
        (lines, eol, name, set) => {
          const before = lines.join(eol);
          const after = setEnvValues(before, { [name]: set });
          expect(parse(after)).toEqual({ ...parse(before), [name]: set });
          expect(after.split('# a comment')).toHaveLength(before.split('# a comment').length);
        },
      ),
    );
  });

  it('keeps comments, order and line ends', () => {
    const before = '# keys\r\nA=1\r\nB=2 # two\r\n';
    expect(setEnvValues(before, { A: 'x y', C: '3' })).toBe('# keys\r\nA=x y\r\nB=2 # two\r\nC=3\r\n');
  });

  it('says the same when it is set again', () => {
    const once = setEnvValues('A=1\n', { A: '#hash', B: 'b' });
    expect(setEnvValues(once, { A: '#hash', B: 'b' })).toBe(once);
  });

  it('refuses what dotenv could not read back', () => {
    expect(() => setEnvValues('', { A: `#'"\`` })).toThrow(EnvEditError);
  });
});

describe('writeEnvValues', () => {
  it('makes a file for its owner only, and keeps a link a link', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'wharfie-env-'));
    const real = path.join(dir, 'real.env');
    writeFileSync(real, 'A=1\n', { mode: 0o644 });
    symlinkSync(real, path.join(dir, '.env'));
    writeEnvValues(path.join(dir, '.env'), { A: '2' });
    writeEnvValues(path.join(dir, 'fresh.env'), { B: '3' });
    expect(readFileSync(real, 'utf8')).toBe('A=2\n');
    expect([real, path.join(dir, 'fresh.env')].map((file) => statSync(file).mode & 0o777)).toEqual([
      0o600, 0o600,
    ]);
    rmSync(dir, { recursive: true });
  });
});
