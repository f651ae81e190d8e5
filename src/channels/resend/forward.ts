import type { Forwarded } from '../adapter.js';
import { quotesIn } from './cut.js';
import {
  bareLine,
  headAt,
  isForwardRule,
  isForwardSubject,
  isReplyRule,
  labelOf,
  namesForward,
} from './marks.js';

export interface Split {
  /** What the sender wrote above it. */
  own: string;
  forwarded: Forwarded;
}

/** Dividers that a mail may have besides the one of a forward, such as headings; each is looked at once. */
const MOST_RULES = 200;
/** The divider is looked for in so many lines: each is looked at in several ways. */
const MOST_LINES = 4_000;
/** Between the divider and the head of the mail. */
const MOST_BLANKS = 4;
const MOST_HEAD_LINES = 8;

/**
 * Tells what somebody passes on from their own words. Below the first divider all is somebody else's, nested forwards
 * and signatures too. Null: it forwards nothing.
 */
export function splitForward(text: string, subject: string): Split | null {
  const lines = text.split('\n');
  const first = lines.slice(0, MOST_LINES);
  const found = dividerIn(first) ?? (isForwardSubject(subject) ? headIn(first) : null);
  // In a mail that is quoted it was somebody else who forwarded.
  if (found === null || quotesIn(lines.slice(0, found.start)).length > 0) return null;
  const below = lines.slice(found.start);
  return {
    own: lines.slice(0, found.start).join('\n').trim(),
    forwarded: { text: unquoted(below).join('\n').trim(), ...originIn(lines, found.head) },
  };
}

interface Divider {
  start: number;
  /** Where the head of the forwarded mail begins. */
  head: number;
}

/** A rule that names a forward, or has the head of a mail below it: a heading between dashes is none. */
function dividerIn(lines: readonly string[]): Divider | null {
  let rules = 0;
  for (let start = 0; start < lines.length && rules < MOST_RULES; start += 1) {
    if (!isForwardRule(lines[start] ?? '')) continue;
    rules += 1;
    const head = nextWords(lines, start + 1);
    if (namesForward(lines[start] ?? '') || isHead(lines, head)) return { start, head };
  }
  return null;
}

/** Lines of two kinds at least, one with an address: `From: Berlin` below a heading is a journey. */
function isHead(lines: readonly string[], at: number): boolean {
  const kinds = new Set<string>();
  let hasAddress = false;
  for (let line = at; line < at + MOST_HEAD_LINES && bareLine(lines[line] ?? '') !== ''; line += 1) {
    const label = labelOf(lines[line] ?? '');
    if (label === undefined) continue;
    kinds.add(label);
    hasAddress ||= (lines[line] ?? '').includes('@');
  }
  return kinds.size >= 2 && hasAddress;
}

/** Outlook puts the head alone, below a line; that it forwards stands in the subject. */
function headIn(lines: readonly string[]): Divider | null {
  for (let head = 0; head < lines.length; head += 1) {
    if ((headAt(lines, head)?.kinds ?? 0) < 2) continue;
    for (let start = head - 1; start >= Math.max(0, head - 3); start -= 1) {
      if (isReplyRule(lines[start] ?? '')) return { start, head };
    }
    return { start: head, head };
  }
  return null;
}

function nextWords(lines: readonly string[], from: number): number {
  let at = from;
  while (at < from + MOST_BLANKS && bareLine(lines[at] ?? '') === '') at += 1;
  return at;
}

/** Apple Mail puts a mark before each line of it. */
function unquoted(lines: readonly string[]): string[] {
  const [rule = '', ...below] = lines;
  const isQuoted = below.every((line) => line.trim() === '' || /^\s{0,3}>/.test(line));
  return [rule, ...(isQuoted ? below.map((line) => line.replace(/^\s{0,3}> ?/, '')) : below)];
}

/** Whose words they are, and of when: as the head says it. */
function originIn(lines: readonly string[], head: number): Pick<Forwarded, 'from' | 'at'> {
  let from = '';
  let at: number | null = null;
  for (let line = head; line < Math.min(lines.length, head + 14); line += 1) {
    const bare = bareLine(lines[line] ?? '');
    if (bare === '') break;
    const [label, value] = [
      labelOf(bare),
      bare
        .slice(bare.indexOf(':') + 1)
        .replace(/^[\s*_]{1,20}/, '')
        .trim(),
    ];
    if (label === 'from' && from === '') from = value.slice(0, 200);
    const moment = label === 'date' ? Date.parse(value.replace(/\bat\b/i, ' ')) : Number.NaN;
    if (at === null && Number.isFinite(moment)) at = moment;
  }
  return { from, at };
}
