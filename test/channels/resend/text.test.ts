import { describe, expect, test } from 'vitest';
import { rowOf } from '../../../src/channels/resend/cut.js';
import { readMail } from '../../../src/channels/resend/markup.js';
import { briefTextOf, showMail } from '../../../src/channels/resend/text.js';

const read = (html: string) => {
  const { text, problem } = readMail({ text: '', html });
  return { text, problem };
};
const first = (text: string, html = '') => showMail(readMail({ text, html }), '', []).text;
/** Of a mail that answers `known`. */
const reply = (text: string, known: string, html = '') =>
  showMail(readMail({ text, html }), 'Re: x', [[rowOf(known)]]);

const SHALL_I = 'Shall I, or shall I rather not?';
const OTHER = 'Somebody else wrote this.';

describe('a reply to a mail that is known loses what it quotes of it', () => {
  const gmail = (quoted: string) =>
    `Yes.\r\n\r\nOn Mon, Jan 5, 2026 at 9:00 AM Andy <agent@x.org> wrote:\r\n> ${quoted}\r\n`;
  test.each([
    ['Gmail', gmail(SHALL_I)],
    [
      'Gmail, wrapped',
      'Yes.\n\nAm Mo., 5. Jan. 2026 um 09:00 Uhr schrieb Andy\n<agent@x.org>:\n\n> Shall I, or shall\n> I rather not?',
    ],
    [
      'iPhone',
      'Yes.\n\n> On 5 Jan 2026, at 09:00, Andy <agent@x.org> wrote:\n> \n> Shall I, or shall I rather not?\n',
    ],
    [
      'Outlook',
      `Yes.\n________________________________\nFrom: Andy <agent@x.org>\nSent: Monday\nTo: Ada\nSubject: x\n\n${SHALL_I}`,
    ],
    ['Outlook, old', `Yes.\n\n-----Original Message-----\nFrom: Andy\n\n${SHALL_I}`],
    [
      'Outlook, desktop',
      `Yes.\n\nVon: Andy <agent@x.org>\nGesendet: Montag, 5. Januar 2026 09:00\nAn: Ada\nBetreff: x\n\n${SHALL_I}`,
    ],
    [
      'Yahoo',
      `Yes.\n\nOn Monday, January 5, 2026 at 09:00:00 AM GMT+1, Andy <agent@x.org> wrote:\n\n${SHALL_I}`,
    ],
  ])('%s', (_, text) => {
    const shown = reply(text, SHALL_I);
    expect(shown.text).toBe('Yes.');
    expect(shown.problems).toEqual(['Cut: quoted mail; full text in full.txt.']);
    expect(shown.full).toBe(text.replace(/\r/g, '').trim());
    // It answers another mail, or one that nobody has.
    expect(reply(text, OTHER)).toMatchObject({
      text: text.replace(/\r/g, '').trim(),
      problems: [],
      full: null,
    });
    expect(first(text)).toBe(text.replace(/\r/g, '').trim());
  });

  test.each([
    ['an answer between its lines', gmail('Shall I,\n\nNo.\n\n> or shall I rather not?')],
    ['an answer of a single sign', gmail('Shall I,\n\n👎\n\n> or shall I rather not?')],
    [
      'an answer between lines without marks',
      `See below\n\nFrom: Andy\nSent: x\nTo: y\nSubject: z\n\nShall I,\nshall I\nor shall I rather not?`,
    ],
    ['a part that was picked out', gmail('or shall I')],
    ['words below it', `${gmail(SHALL_I)}\nBut tomorrow.`],
    ['a quote without its line', `What does that mean?\n\n> ${SHALL_I}`],
    ['a line that only looks like one', `I have 3 questions about this:\n> ${SHALL_I}`],
    ['nothing of its own', gmail(SHALL_I).slice(6)],
    ['a forward within it', gmail(`${SHALL_I}\n> ---------- Weitergeleitet ---------\n> Von: Bob`)],
  ])('not with %s', (_, text) => {
    expect(reply(text, SHALL_I)).toMatchObject({ text: text.replace(/\r/g, '').trim(), full: null });
  });

  test('in HTML', () => {
    const html = (body: string) =>
      `<div>Yes, <b>please</b>.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Jan 5, 2026 Andy &lt;agent@x.org&gt; wrote:<br></div><blockquote class="gmail_quote">${body}</blockquote></div>`;
    expect(reply('', SHALL_I, html(SHALL_I)).text).toBe('Yes, please.');
    const inline = html('Shall I,</blockquote><div>No.</div><blockquote>or shall I rather not?');
    expect(reply('', SHALL_I, inline).text).toContain('No.');
    expect(reply('', OTHER, html(SHALL_I)).text).toContain('> Shall I');
  });

  test('not where its subject says that it is forwarded', () => {
    const { text } = showMail(readMail({ text: gmail(SHALL_I), html: '' }), 'WG: x', [[rowOf(SHALL_I)]]);
    expect(text).toContain(SHALL_I);
  });
});

describe('a signature', () => {
  test.each([
    ['ABCD2345\n\nSent from my iPhone', 'ABCD2345'],
    ['Hello\n-- \nAda\nCEO', 'Hello'],
    ['Hello\n-- \nAda\n\nVon meinem iPad gesendet', 'Hello'],
    [
      `Yes.\n\nSent from Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\nFrom: Andy\nSent: x\nTo: y\nSubject: z\n\n${SHALL_I}`,
      'Yes.',
    ],
    [`Yes.\n\n-- \nAda\n\nOn 1/5/26 09:00, Andy wrote:\n> ${SHALL_I}`, 'Yes.'],
  ])('is cut: %j', (text, own) => {
    const shown = reply(text, SHALL_I);
    expect(shown.text).toBe(own);
    expect(shown.problems[0]).toContain('signature');
    expect(shown.full).toBe(text);
  });

  test.each([
    ['no blank behind the dashes', 'a\n--\nb'],
    ['dashes in the middle of a line', 'a\n -- \nb'],
    ['SQL', 'Fix this:\n\nSELECT 1;\n-- \n-- second part\nSELECT 2 FROM t;'],
    ['SQL below one line', 'Fix this:\n\nSELECT 1;\n-- \nthe second part'],
    ['SQL without marks', 'Fix this:\n\nSELECT 1\n-- \nSELECT 2 FROM t'],
    ['Lua', 'local a = 1\n-- \nlocal b = a'],
    ['code below words', 'What does this do?\n-- \nx = y'],
    ['two rules', 'one\n-- \ntwo\n-- \nthree'],
    ['eleven lines', `a\n-- \n${'line\n'.repeat(10)}line`],
    ['a long line', `a\n-- \n${'word '.repeat(20)}word`],
    ['a head below', 'a\n-- \nAda\n\nVon: Bob\nBetreff: x\n\nBitte zahlen.'],
    ['a head in another language', 'a\n-- \nAda\nKimden: Bob <bob@x.org>\nText'],
    [
      'a sentence',
      'I have a problem.\nSent from my account were 3 spam mails yesterday.\nHow do I stop that?',
    ],
    ['a sentence at the end', 'I have a problem.\n\nSent from my phone were 3 spam mails.'],
    ['words below the phone', 'a\n\nSent from my iPhone\n\nPS: tomorrow'],
    ['nothing else', 'Sent from my iPhone'],
    [
      'below a quote that is not known',
      `a\n\nOn 1/5/26 09:00, Bob wrote:\n\n${OTHER}\n\nSent from my iPhone`,
    ],
    ['a table', 'Here is the table\n____________________________\nrow one\nrow two'],
  ])('is left: %s', (_, text) => {
    expect(reply(text, SHALL_I)).toEqual({ text, problems: [], full: null });
  });
});

describe('the text or the HTML', () => {
  test('the one that says more', () => {
    const real = '<p>The real words are here: 120 EUR</p>';
    expect(first('Your mail program does not show HTML.', real)).toBe('The real words are here: 120 EUR');
    expect(first('Please pay the amount.', '<p>Please pay the amount: 120 EUR</p>')).toContain('120 EUR');
    expect(first('*Please* pay <https://a.b>', '<p><b>Please</b> <a href="https://a.b">pay</a></p>')).toBe(
      '*Please* pay <https://a.b>',
    );
    expect(first('Text only', '<p> </p>')).toBe('Text only');
  });

  test('what only the text says is kept beside it', () => {
    const shown = showMail(readMail({ text: 'Call 555', html: '<p>Pay 120</p>' }), '', []);
    expect(shown).toEqual({
      text: 'Pay 120',
      problems: ['Cut: words of the text part; full text in full.txt.'],
      full: 'Pay 120\n\nCall 555',
    });
    expect(showMail(readMail({ text: 'Pay 120', html: '<p>Pay 120 EUR</p>' }), '', []).full).toBeNull();
  });

  test('a text that is too long is whole in the file', () => {
    const shown = first(`${'word '.repeat(120_000)}last`);
    expect(shown).not.toContain('last');
    const { full, problems } = showMail(
      readMail({ text: `${'word '.repeat(120_000)}last`, html: '' }),
      '',
      [],
    );
    expect(full).toContain('last');
    expect(problems[0]).toContain('full.txt');
  });

  test('HTML alone', () => {
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

describe('a table is read cell by cell', () => {
  test('with a gap between the cells of a row', () => {
    const html =
      '<table><tr><th>Item</th><th>Price</th></tr><tr><td>Soup of the day</td><td>4</td></tr><tr><td></td></tr></table>';
    expect(first('', html)).toBe('Item   Price\nSoup of the day   4');
  });

  test.each([
    ['colspan', '<td colspan="1000000">'],
    ['colspan without quotes', '<td colspan=1e6>'],
    ['rowspan', '<td rowspan="1000000">'],
    ['both', '<TD ROWSPAN=5000 COLSPAN=5000>'],
  ])('whatever its cells say of their size: %s', (_, cell) => {
    const html = `<table><tr>${cell}x</td></tr></table>`;
    expect(read(html)).toEqual({ text: 'x', problem: null });
    const many = `<table>${`<tr>${`${cell}x</td>`.repeat(10)}</tr>`.repeat(100)}</table>`;
    expect(read(many)).toMatchObject({ problem: null });
    expect(first('', many).length).toBeLessThan(many.length);
  });
});

describe('what is too much to be laid out becomes its bare words, with a word about it', () => {
  const TOO_MUCH = expect.stringContaining('bare words');
  test.each([
    ['tags', `${'<b>'.repeat(100_000)}hidden`, 'hidden'],
    ['depth', `${'<div>'.repeat(500)}hidden`, 'hidden'],
    ['depth of tables', `${'<table><tr><td>'.repeat(200)}hidden`, 'hidden'],
    ['length', `<p>first</p>${'x '.repeat(300_000)}<p>last</p>`, /^first\nx x x[x ]+ x\nlast$/],
    ['cells', `<table>${'<td>x'.repeat(9000)}`, /^x x x/],
    ['lines in quotes', `${'<blockquote>'.repeat(90)}<pre>${'a\n'.repeat(100_000)}`, /^a a a/],
    ['a tag that does not end', `${'<i></i>'.repeat(9000)}4 < 5 <b words`, '4 < 5 <b words'],
    ['what the package cannot do', '<ol type="i" start="10000"><li>first</ol>', 'first'],
    ['5 MB of words', `<p>first</p>${'word '.repeat(1_000_000)}`, /^first\nword word/],
    [
      'comments',
      `${'<!-- x -->'.repeat(9000)}shown<style>b{}</style><script>1<2</script><title>t</title>`,
      'shown',
    ],
    [
      'entities',
      `${'<i></i>'.repeat(9000)}a &amp; b &lt;&#67;&#x44;&#0;&#xD800;&#x110000;&unknown;`,
      'a & b <CD &unknown;',
    ],
  ])('%s', (_, html, words) => {
    const found = read(html);
    expect(found).toEqual({
      text: typeof words === 'string' ? words : expect.stringMatching(words),
      problem: TOO_MUCH,
    });
    expect(found.text.length).toBeLessThanOrEqual(html.length);
  });

  test('quotes, lists and links within each other do not multiply what is written', () => {
    const around = ['<blockquote>', '<ul><li>', '<ol><li>', '<a href="https://a.b">', '<pre>'];
    for (const tag of around) {
      const html = tag.repeat(30) + 'word<br>'.repeat(2000);
      const { text, problem } = read(html);
      expect(problem).toBeNull();
      expect(text.match(/word/g)).toHaveLength(2000);
      expect(text.length).toBeLessThan(4 * html.length);
    }
    expect(first('', `${'<blockquote>'.repeat(7)}deep`)).toBe('> > > > > deep');
  });
});

test('the beginning of a mail that nobody answers yet', () => {
  expect(briefTextOf({ text: 'ABCD2345\r\n\r\nSent from my iPhone', html: '<p>x</p>' })).toBe('ABCD2345');
  expect(briefTextOf({ text: '', html: '<div><b>ABCD</b>2345</div><table><td colspan=1e6>' })).toBe(
    'ABCD2345',
  );
  expect(briefTextOf({ text: 'x'.repeat(1_000_000), html: '' })).toHaveLength(20_000);
  expect(briefTextOf({ text: '', html: `<style>${'a{}'.repeat(100_000)}` })).toBe('');
});

test.each([
  ['open tags', '<div>'.repeat(100_000)],
  ['quotes', '<blockquote type="cite">'.repeat(50_000)],
  ['attributes', `<a ${'b="c" '.repeat(80_000)}>`],
  ['an attribute', `<a title="${'x'.repeat(5_000_000)}">`],
  ['angle brackets', '<'.repeat(400_000)],
  ['tags that do not end', '<b '.repeat(400_000)],
  ['tags that do not end before one that does', `${'<b '.repeat(400_000)}>`],
  ['comments that do not end', '<!--'.repeat(400_000)],
  ['styles that do not end', '<style>'.repeat(400_000)],
  ['blanks', `${' '.repeat(400_000)}<td>${'<td>'.repeat(9000)}${' '.repeat(400_000)}x`],
  ['entities', '&amp'.repeat(100_000)],
  ['numbered entities', '&#65;'.repeat(800_000)],
  ['tables', '<table><tr><td>'.repeat(30_000)],
  ['links in links', '<a href=x>'.repeat(90) + 'a '.repeat(200_000)],
])('what a stranger sends is read without delay: %s', (_, html) => {
  expect(first('', html).length).toBeLessThanOrEqual(html.length);
  expect(typeof reply(html, 'x', '<p>y</p>').text).toBe('string');
  expect(briefTextOf({ text: '', html }).length).toBeLessThanOrEqual(20_000);
});

test.each([
  ['lines that end in a colon', 'On 1/1/2026 a@b wrote:\n'],
  ['heads', 'From: a\nSent: b\nSubject: c\nTo: d\n\n'],
  ['labels', 'From: a\n'],
  ['rules', '-----Original Message-----\n'],
  ['underscores', '____________________\n'],
  ['dashes', '-'],
  ['signatures', '-- \n'],
  ['phones', 'Sent from my iPhone '],
  ['marks of quotes', '> '],
  ['stars', '* _'],
  ['brackets', 'a:<'],
  ['colons', ':'],
  ['blanks', ' '],
  ['empty lines', '\n'],
])('a text is cut without delay: %s', (_, piece) => {
  const text = piece.repeat(500_000 / piece.length);
  for (const one of [text, `${text}\n-- \nAda`, text.replaceAll('\n', '')]) {
    expect(reply(one, text).text.length).toBeLessThanOrEqual(one.length);
  }
});
