/// <reference path="./html-to-text.d.ts" />
import { convert } from 'html-to-text';
import { bareText } from './bare-text.js';
import { wordsIn } from './cut.js';
import { isPartOf, LONGEST, plainOf, type ReadMail } from './text.js';

/** A text beside HTML that is too large to be compared with it: shorter ones only stand in its place. */
const SHORT = 2_000;
/** Each of these alone can be most of an honest newsletter. Some steps of the layout take the square of this. */
const MOST_TAGS = 8_000;
const DEEPEST = 100;
/** Where lines stand as they are written, each is laid out again for each quote and list around it. */
const MOST_LINES = 10_000;

/** Stands in the text where the layout left something out. */
const LEFT_OUT = '\u0000';
const TOO_MUCH = 'The layout of this mail is too large or too deep to be read: its bare words stand here.';

type Words = Omit<ReadMail, 'elsewhere'>;

const skip = (selector: string) => ({ selector, format: 'skip' });
/** What costs something in each level stands in so many at most; further in, its words are read like any others. */
const atMost = (most: number, selector: string, inner: string, otherwise: string, options = {}) => ({
  selector,
  format: 'nested',
  options: { ...options, most, inner, otherwise },
});
const line = { leadingLineBreaks: 1, trailingLineBreaks: 1 };
/** A table is read cell by cell: to lay one out is to believe the sender's `colspan` and `rowspan`. */
const SELECTORS = [
  skip('img'),
  atMost(1, 'a', 'anchor', 'inline', { hideLinkHrefIfSameAsText: true, ignoreHref: false }),
  atMost(5, 'blockquote', 'blockquote', 'block'),
  atMost(5, 'ul', 'unorderedList', 'block'),
  atMost(5, 'ol', 'orderedList', 'block'),
  { selector: 'table', format: 'block' },
  { selector: 'tr', format: 'block', options: line },
  ...['td', 'th'].map((selector) => ({ selector, format: 'inlineSurround', options: { suffix: '   ' } })),
  ...['h1', 'h2', 'h3', 'h4'].map((selector) => ({ selector, options: { uppercase: false } })),
];

/**
 * The text, or the HTML where it says more: many programs put a sentence such as "Your mail program does not show HTML"
 * in the place of the text, or leave out its tables. Runs in the parser process.
 */
export function readMail({ text, html }: { text: string; html: string }): ReadMail {
  const whole = plainOf(text, text.length);
  const plain = whole.slice(0, LONGEST);
  const rest = whole.length > LONGEST ? whole.slice(LONGEST) : '';
  if (!saysMore(html, plain)) return { text: plain, problem: null, elsewhere: rest };
  const shown = readHtml(html);
  const isElsewhere = plain !== '' && !isPartOf(wordsIn(whole), shown.text.slice(0, LONGEST));
  return { ...shown, elsewhere: isElsewhere ? whole : '' };
}

function saysMore(html: string, plain: string): boolean {
  if (plain === '' || (html.length > LONGEST && plain.length < SHORT)) return true;
  return !isPartOf(wordsIn(bareText(html.slice(0, LONGEST))), plain);
}

/**
 * The words of HTML that a stranger wrote, with its lists, links and quotes where that can be told within bounds; its
 * bare words where not.
 */
function readHtml(html: string): Words {
  const laidOut = isWithinBounds(html) ? layOut(html) : null;
  if (laidOut !== null && !laidOut.includes(LEFT_OUT)) return { text: laidOut, problem: null };
  return { text: bareText(html), problem: TOO_MUCH };
}

function isWithinBounds(html: string): boolean {
  if (html.length > LONGEST || count(html, '<', MOST_TAGS) > MOST_TAGS) return false;
  return (
    !/<(?:pre|listing|plaintext|xmp|textarea)\b/i.test(html) || count(html, '\n', MOST_LINES) <= MOST_LINES
  );
}

/** How often the letter stands in the text; what is more than `enough` is not counted. */
function count(text: string, letter: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(letter); at >= 0 && found <= enough; at = text.indexOf(letter, at + 1))
    found += 1;
  return found;
}

/** Null: the package cannot do it (`<ol type="i" start="10000">` makes it throw). */
function layOut(html: string): string | null {
  const levels = new Map<unknown, number>();
  try {
    const text = convert(html, {
      wordwrap: false,
      limits: {
        maxInputLength: LONGEST,
        maxDepth: DEEPEST,
        maxChildNodes: 3 * MOST_TAGS,
        ellipsis: LEFT_OUT,
      },
      formatters: {
        nested(element, walk, builder, options) {
          const { inner, otherwise, most } = options;
          const level = levels.get(inner) ?? 0;
          levels.set(inner, level + 1);
          const format = builder.options.formatters[String(level < Number(most) ? inner : otherwise)];
          format?.(element, walk, builder, options);
          levels.set(inner, level);
        },
      },
      selectors: SELECTORS,
    });
    return tidy(text);
  } catch {
    return null;
  }
}

/** Without the blanks behind a row's last cell, and the gaps that empty cells leave. */
function tidy(text: string): string {
  const lines = text.split('\n').map((one) => one.trimEnd());
  return lines
    .filter((one, at) => one !== '' || lines[at - 1] !== '' || lines[at - 2] !== '')
    .join('\n')
    .trim();
}
