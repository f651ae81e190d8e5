import type { ChannelCapabilities } from '../adapter.js';
import { cutsBefore } from './boundaries.js';
import { type Fence, fenceAfter, fenceAfterLine } from './fences.js';

export type TextLimit = ChannelCapabilities['textLimit'];

export interface SplitOptions {
  limit: TextLimit;
  /** What the platform is sent for a Markdown text; the limit counts there. Default: the text itself. */
  render?: (markdown: string) => string;
}

/** The length of a text in the platform's own unit. */
export function sizeOf(text: string, unit: TextLimit['unit']): number {
  if (unit === 'utf16') return text.length;
  if (unit === 'byte') return Buffer.byteLength(text);
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * Cuts Markdown into parts that each fit one message of the platform: at a paragraph, else a line, else a word, and
 * only then inside a word. Code blocks are closed at the end of a part and opened again in the next; links, inline
 * code and composed characters stay whole where they fit. Pure: the same text always gives the same parts. A blank
 * text gives none.
 */
export function splitMarkdown(text: string, options: SplitOptions): string[] {
  const render = options.render ?? ((markdown: string) => markdown);
  const fits = (part: string) => sizeOf(render(part), options.limit.unit) <= options.limit.max;
  const parts: string[] = [];
  let open: Fence | null = null;
  let rest = text.trimEnd();
  while (rest.trim() !== '') {
    const prefix = open ? `${open.opener}\n` : '';
    // No markup is more than half of a text: what is much longer need not be rendered to be known as too long.
    if (rest.length <= options.limit.max * 4 && fits(prefix + rest)) {
      parts.push(prefix + rest);
      break;
    }
    const taken = takePart(rest, open, prefix, fits, options.limit);
    if (taken.part.trim() !== '') parts.push(taken.part);
    open = taken.open;
    rest = rest.slice(taken.length);
    rest = open ? rest.replace(/^\n/, '') : rest.replace(/^\s*\n|^[ \t]+(?=\S)/, '');
    const [line = ''] = rest.split('\n', 1);
    if (open && fenceAfterLine(open, line) === null) {
      // The block ends right here, and its part has closed it already.
      rest = rest.slice(line.length).replace(/^\s*\n/, '');
      open = null;
    }
  }
  return parts;
}

interface Taken {
  part: string;
  length: number;
  open: Fence | null;
}

/** The best part that `rest` begins with. `prefix` opens the code block again that was cut before it. */
function takePart(
  rest: string,
  open: Fence | null,
  prefix: string,
  fits: (part: string) => boolean,
  limit: TextLimit,
): Taken {
  const take = (length: number): Taken => {
    const piece = rest.slice(0, length);
    const after = fenceAfter(open, piece);
    const body = prefix + (after ? piece.replace(/\n$/, '') : piece.trimEnd());
    return { part: after ? `${body}\n${after.closer}` : body, length, open: after };
  };
  // A code point is at most two code units, so no part is longer than this before it is rendered.
  const most = Math.min(rest.length, limit.unit === 'codepoint' ? limit.max * 2 : limit.max);
  const longest = longestFitting(most, (length) => fits(take(length).part));
  const inCode = (at: number) => fenceAfter(open, rest.slice(0, at)) !== null;
  for (const cut of cutsBefore(rest, longest, inCode)) {
    const whole = beforeFenceLine(rest, cut, open);
    if (whole > 0 && fits(take(whole).part)) return take(whole);
  }
  return take(longest);
}

/** Never between the characters of a fence, nor right behind an opening one: such a cut moves up before that line. */
function beforeFenceLine(rest: string, cut: number, open: Fence | null): number {
  const lineStart = rest.lastIndexOf('\n', cut - 1) + 1;
  const lineEnd = rest.indexOf('\n', lineStart);
  const line = rest.slice(lineStart, lineEnd < 0 ? rest.length : lineEnd);
  const before = fenceAfter(open, rest.slice(0, lineStart));
  const after = fenceAfter(before, line);
  const opens = before === null && after !== null;
  const closes = before !== null && after === null;
  const within = cut < lineStart + line.length;
  return opens || (closes && within) ? Math.max(0, lineStart - 1) : cut;
}

/** The largest length that fits, by halving; at least 1, so that the text always gets shorter. */
function longestFitting(most: number, fitsAt: (length: number) => boolean): number {
  let low = 1;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fitsAt(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
