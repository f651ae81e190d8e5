import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderDiscordMarkdown } from '../../../src/channels/discord/markdown.js';
import { fenceAfter } from '../../../src/channels/split/fences.js';
import { sizeOf, splitMarkdown, type TextLimit } from '../../../src/channels/split/index.js';

const utf16 = (max: number) => ({ limit: { max, unit: 'utf16' } as const });

/** Markdown as agents write it: prose, lists, links, emoji, code in fences, and walls of text without any space. */
const markdown = fc
  .array(
    fc.oneof(
      fc.lorem({ maxCount: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 120 }).map((text) => text.replace(/[`~]/g, '')),
      fc.constantFrom('👩‍👩‍👧‍👦', '🎉', 'é', '𝒳').map((character) => character.repeat(60)),
      fc.constant('see [the docs](https://example.com/a/b?c=d) and `inline code` now'),
      fc
        .tuple(
          fc.constantFrom('```', '````', '~~~'),
          fc.constantFrom('', 'ts', 'python'),
          fc.array(fc.lorem(), { minLength: 1 }),
        )
        .map(([fence, tag, lines]) => [`${fence}${tag}`, ...lines, fence].join('\n')),
    ),
    { maxLength: 12 },
  )
  .map((blocks) => blocks.join('\n\n'));

const limits = fc.record({
  max: fc.integer({ min: 80, max: 400 }),
  unit: fc.constantFrom<TextLimit['unit']>('utf16', 'codepoint', 'byte'),
});

/** All that is said, without the white space that a cut may take and the fences that it may add. */
const essence = (text: string) => text.replace(/^[ \t]*(`{3,}|~{3,})\w*$/gm, '').replace(/\s+/g, '');

describe('splitMarkdown', () => {
  test('nothing is lost, every part fits, and no code block stays open', () => {
    fc.assert(
      fc.property(markdown, limits, (text, limit) => {
        const parts = splitMarkdown(text, { limit });
        expect(essence(parts.join('\n'))).toBe(essence(text));
        for (const part of parts) {
          expect(sizeOf(part, limit.unit)).toBeLessThanOrEqual(limit.max);
          expect(fenceAfter(null, part)).toBeNull();
          expect(essence(part)).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the limit counts in what the platform is sent', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const render = (part: string) => renderDiscordMarkdown(part).replaceAll('e', '\\e');
        for (const part of splitMarkdown(text, { ...utf16(200), render })) {
          expect(render(part).length).toBeLessThanOrEqual(200);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('no character is torn apart', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 400 }),
        fc.integer({ min: 20, max: 60 }),
        (text, max) => {
          for (const part of splitMarkdown(text, utf16(max))) expect(part.isWellFormed()).toBe(true);
        },
      ),
    );
    const family = '👩‍👩‍👧‍👦';
    for (const part of splitMarkdown(family.repeat(50), utf16(100))) {
      expect(part.length % family.length).toBe(0);
    }
  });

  test('a text that fits stays as it is; a blank one gives nothing', () => {
    expect(splitMarkdown('hello\n\n  world', utf16(2000))).toEqual(['hello\n\n  world']);
    expect(splitMarkdown(' \n ', utf16(2000))).toEqual([]);
  });

  test('it cuts at a paragraph, else at a line, else at a word', () => {
    const paragraph = 'a'.repeat(50);
    expect(splitMarkdown(`${paragraph}\n\n${paragraph} b`, utf16(80))).toEqual([paragraph, `${paragraph} b`]);
    expect(splitMarkdown(`${paragraph}\n${paragraph} b`, utf16(80))).toEqual([paragraph, `${paragraph} b`]);
    expect(splitMarkdown(`${paragraph} ${paragraph} b`, utf16(80))).toEqual([paragraph, `${paragraph} b`]);
  });

  test('code goes on in a block of the same language, with its indentation', () => {
    const lines = Array.from({ length: 10 }, (_, at) => `    line ${at}`);
    const parts = splitMarkdown(['```py', ...lines, '```', '', 'after'].join('\n'), utf16(70));
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts.filter((one) => one.includes('line'))) {
      expect(part).toMatch(/^```py\n {4}line \d[\s\S]*\n```/);
    }
    expect(parts.join('\n')).toContain('after');
    expect(parts.every((part) => !/```py\n```/.test(part))).toBe(true);
  });

  test('a link is moved as a whole', () => {
    const link = '[a link with words in it](https://example.com/path)';
    const parts = splitMarkdown(`${'x'.repeat(60)} ${link} tail`, utf16(90));
    expect(parts.some((part) => part.includes(link))).toBe(true);
  });

  test('units differ: emoji are two code units and four bytes', () => {
    expect([sizeOf('🎉é', 'utf16'), sizeOf('🎉é', 'codepoint'), sizeOf('🎉é', 'byte')]).toEqual([3, 2, 6]);
    const text = '🎉'.repeat(100);
    const count = (unit: TextLimit['unit']) => splitMarkdown(text, { limit: { max: 100, unit } }).length;
    expect([count('codepoint'), count('utf16'), count('byte')]).toEqual([1, 2, 4]);
  });
});
