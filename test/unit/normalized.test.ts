import { describe, expect, it, vi } from 'vitest';
import { parseCommand } from '../../src/commands/parse.js';
import { matchesPattern } from '../../src/engage.js';
import { safeName } from '../../src/files/names.js';
import { normalized } from '../../src/normalized.js';

const MARKS = /[\p{M}\u0E33\u0EB3\uFF9E\uFF9F]+/gu;

/** The longest row of marks that `normalize` was given meanwhile. */
function longestRow(run: () => unknown): number {
  const normalize = vi.spyOn(String.prototype, 'normalize');
  try {
    run();
    const texts = normalize.mock.contexts.map((text) => String(text));
    expect(texts).not.toEqual([]);
    return Math.max(...texts.flatMap((text) => (text.match(MARKS) ?? ['']).map((row) => row.length)));
  } finally {
    normalize.mockRestore();
  }
}

const rows = ['\u0301\u0316', '\u0345\u0301\u0316\u0334', '\uFF9E\u0316', '\u{1D165}\u0301'].map(
  (marks) => `a${marks.repeat(10_000)}`,
);

describe('normalized', () => {
  it('is what `normalize` gives for what people write', () => {
    for (const text of [
      '/ｓｔｏｐ',
      'Ｈｅｙ',
      'e\u0301',
      'ﾊﾞﾝﾄﾞ',
      'Việt',
      'ก็กำ',
      '👩‍👩‍👧',
      `z${'\u0335\u0301'.repeat(14)}`,
    ]) {
      expect(normalized(text)).toBe(text.normalize('NFKC'));
    }
  });

  it.each(rows)('sorts no row of marks that nobody writes (%#)', (text) => {
    expect(longestRow(() => normalized(text))).toBeLessThanOrEqual(62);
  });

  it.each(rows)('is what looks at a message, its trigger and its files (%#)', (text) => {
    expect(longestRow(() => parseCommand(text, ['hey']))).toBeLessThanOrEqual(62);
    expect(longestRow(() => matchesPattern('hey', text))).toBeLessThanOrEqual(62);
    expect(longestRow(() => safeName(text))).toBeLessThanOrEqual(62);
  });

  it('leaves what stands behind such a row', () => {
    expect(parseCommand(`@a${'\u0301\u0316'.repeat(1000)} /stop`, [])).toEqual({ name: 'stop', args: [] });
  });
});
