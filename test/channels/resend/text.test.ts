import { describe, expect, test } from 'vitest';
import { textOf } from '../../../src/channels/resend/text.js';

const reply = (text: string, html = '') => textOf({ text, html }, true);
const first = (text: string, html = '') => textOf({ text, html }, false);

describe('a reply without what it quotes', () => {
  test.each([
    [
      'Yes.\r\n\r\nOn Mon, Jan 5, 2026 at 9:00 AM Andy <agent@x.org> wrote:\r\n> Shall I?\r\n> ok\r\n',
      'Yes.',
    ],
    ['Ja.\n\nAm 05.01.26 um 09:00 schrieb Andy <agent@x.org>:\n> Soll ich?', 'Ja.'],
    [
      'Yes.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Andy with a long name\n<agent@x.org> wrote:\n\n> Shall I?',
      'Yes.',
    ],
    ['Yes.\n\n-----Original Message-----\nFrom: Andy\nShall I?', 'Yes.'],
    ['Yes.\n________________________________\nFrom: Andy\nSent: today\nShall I?', 'Yes.'],
    ['> Shall I?\nYes.\n> And the cake?\nNo.', '> Shall I?\nYes.\n> And the cake?\nNo.'],
    ['> only a quote', '> only a quote'],
    ['On the other hand: no', 'On the other hand: no'],
    ['Two\n\nparagraphs', 'Two\n\nparagraphs'],
  ])('%j', (text, own) => {
    expect(reply(text)).toBe(own);
  });

  test('in HTML', () => {
    const html =
      '<div>Yes, <b>please</b>.</div><div class="gmail_quote"><div>On Monday Andy wrote:</div><blockquote>Shall I?</blockquote></div>';
    expect(reply('', html)).toBe('Yes, please.');
    expect(reply('', '<p>Ja</p><blockquote type="cite">Soll ich?</blockquote>')).toBe('Ja');
    expect(reply('', '<div class="gmail_quote">all of it</div>')).toBe('all of it');
  });
});

describe('a mail of its own', () => {
  test('keeps what it forwards', () => {
    const text = 'What is this?\n\n---------- Forwarded message ---------\nFrom: Shop\n> your order';
    expect(first(text)).toBe(text);
    expect(first('', '<p>See</p><div class="gmail_quote">your order</div>')).toBe('See\n\nyour order');
  });

  test.each([
    ['ABCD2345\n\nSent from my iPhone', 'ABCD2345'],
    ['Hello\n-- \nAda\nCEO', 'Hello'],
    ['a\n--\nb', 'a\n--\nb'],
  ])('%j', (text, own) => {
    expect(first(text)).toBe(own);
  });

  test('is read from its HTML where it has no text', () => {
    const html =
      '<html><head><style>p{}</style><title>x</title></head><body><h1>Hello</h1><p>a &amp; b<br>c</p><ul><li>one</li><li>two</li></ul><a href="https://a.b/c">here</a><img src="x"><script>alert(1)</script></body></html>';
    const text = first('', html);
    expect(text).toContain('Hello');
    expect(text).toContain('a & b\nc');
    expect(text).toMatch(/\* one\n \* two/);
    expect(text).toContain('here [https://a.b/c]');
    expect(text).not.toMatch(/alert|p\{\}|<|src/);
    expect(first('  \n', '<p>shown</p>')).toBe('shown');
    expect(first('', '')).toBe('');
  });
});

test.each([
  ['open tags', '<div>'.repeat(100_000)],
  ['quotes', '<blockquote type="cite">'.repeat(50_000)],
  ['attributes', `<a ${'b="c" '.repeat(80_000)}>`],
  ['angle brackets', '<'.repeat(400_000)],
  ['entities', '&amp'.repeat(100_000)],
  ['tables', '<table><tr><td>'.repeat(30_000)],
])('what a stranger sends is read without delay: %s', (_, html) => {
  expect(typeof reply('', html)).toBe('string');
  expect(typeof reply(html)).toBe('string');
});
