import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderGoogleChatText } from '../../../../src/channels/gchat/markdown.js';

describe('Markdown for Google Chat', () => {
  test.each([
    ['**bold** *italic* _italic_ ~~gone~~', '*bold* _italic_ _italic_ ~gone~'],
    ['**bold *and* italic**', '**bold _and_ italic**'],
    ['# Title', '*Title*'],
    ['### A **bold** title', '*A bold title*'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['- a\n* b', '- a\n* b'],
    ['[x](https://a.b/?q=1)', '<https://a.b/?q=1|x>'],
    ['![alt](https://a.b/c.png)', '<https://a.b/c.png|alt>'],
    ['[odd](javascript:alert(1))', '[odd](javascript:alert(1))'],
    ['`**code**` and ``a`b``', '`**code**` and ``a`b``'],
    ['```ts\nconst a = **b**;\n```', '```\nconst a = **b**;\n```'],
    ['```two words\ncode\n```', '```\ntwo words\ncode\n```'],
    ['<users/all> <users/123>', '@all @123'],
    ['<users/<users/all>>', '‹users/@all>'],
  ])('%j', (markdown, text) => {
    expect(renderGoogleChatText(markdown)).toBe(text);
  });

  test('no word is lost but the name of a language', () => {
    const pieces = fc.constantFrom(
      'word',
      ' ',
      '\n',
      '**',
      '*',
      '_',
      '~~',
      '`',
      '``',
      '```',
      '# ',
      '> ',
      '[',
      '](https://a.b)',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (some) => {
        const text = some.join('');
        const count = (where: string) => where.match(/word/g)?.length ?? 0;
        const languages = text.match(/^[ \t]*(?:`{3,}|~{3,})[ \t]*[\w+#.-]+[ \t]*$/gm)?.join() ?? '';
        expect(count(renderGoogleChatText(text)) + count(languages)).toBeGreaterThanOrEqual(count(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('nobody is called, whatever is written', () => {
    const pieces = fc.constantFrom(
      '<users/',
      '# ',
      'all',
      '>',
      '**',
      '*',
      '`',
      '```\n',
      '\n',
      '[',
      '](https://a.b)',
      '\u{E000}',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (some) => {
        expect(renderGoogleChatText(some.join(''))).not.toMatch(/<users\/[\w.@-]+>/i);
      }),
      { numRuns: 2000 },
    );
  });
});
