import { type Fence, fenceAfterLine } from './fences.js';

/** No paragraph that somebody wrote to be read has more marks than this, or begins with so many quotes and bullets. */
const MOST_MARKS = 400;
const DEEPEST = 10;

const MARK = /[[\]`*_~<!\\]/g;
const BULLET = /^\s*(?:[-*+]|\d{1,9}[.)])\s/;
const NESTED = new RegExp(`^[ \\t]{0,20}(?:(?:>|[-*+]|\\d{1,9}[.)])[ \\t]{0,20}){${DEEPEST + 1}}`);

/**
 * Is this text so full of marks that reading it as Markdown would hold up the host? The parser's time grows with the
 * square of the marks in one paragraph; an agent that is not itself may write nothing else.
 */
export function isOvermarked(markdown: string): boolean {
  let fence: Fence | null = null;
  let marks = 0;
  for (const line of markdown.split('\n')) {
    const before: Fence | null = fence;
    fence = fenceAfterLine(fence, line);
    if (before !== null && fence !== null) continue;
    if (line.trim() === '' || BULLET.test(line)) marks = 0;
    marks += line.match(MARK)?.length ?? 0;
    if (marks > MOST_MARKS || NESTED.test(line)) return true;
  }
  return false;
}
