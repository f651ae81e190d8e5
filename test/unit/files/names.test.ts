import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeKey, safeName, shownName } from '../../../src/files/names.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom(
    '..',
    '.',
    '/',
    '...',
    '.bashrc',
    'a/../b',
    'C:\\x\\y.txt',
    'a\nb',
    '\0',
    '_._',
    '😀'.repeat(90),
  ),
);

test('any name becomes one plain component of a path', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      const safe = safeName(name);
      expect(safe).toMatch(/^[\p{L}\p{N}-][\p{L}\p{N}._-]*$/u);
      expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200);
      expect(safeName(safe)).toBe(safe);
    }),
  );
});

test('any key becomes a folder, different ones different folders', () => {
  fc.assert(
    fc.property(anyText, (key) => {
      expect(safeKey(key)).toMatch(/^[\w-]{1,100}$/);
    }),
  );
  expect(safeKey('in_0123abc')).toBe('in_0123abc');
  expect(safeKey('a/b')).not.toBe(safeKey('a/c'));
});

test('a shown name is one line of whole characters', () => {
  fc.assert(
    fc.property(anyText, (name) => {
      const shown = shownName(name);
      expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(shown.length).toBeGreaterThan(0);
      expect(Buffer.from(shown).toString()).toBe(shown);
    }),
  );
  expect(shownName('Bericht "final" <2>.pdf')).toBe('Bericht "final" <2>.pdf');
});

test('the suffix of a long name stays', () => {
  expect(safeName(`${'x'.repeat(300)}.tar.gz`)).toMatch(/^x{73}\.tar\.gz$/);
});
