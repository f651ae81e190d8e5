import {
  bareLine,
  headAt,
  isAttribution,
  isForwardRule,
  isForwardSubject,
  isHeaderLine,
  isPhoneLine,
  isReplyRule,
} from './marks.js';

/** The words of a text, as one row: what a program does to lines, marks and blanks changes nothing. */
export const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+|\p{So}/gu) ?? [];
export const rowOf = (text: string): string => ` ${wordsIn(text).join(' ')} `;

/** A mail that the conversation has, as one row of words for each way in which it can be read. */
export type KnownMail = readonly string[];

export interface Cut {
  text: string;
  /** What is not in the text any more. */
  cut: ('signature' | 'quoted mail')[];
}

const MOST_QUOTES = 10;
/** Of larger mails nothing is cut: a stranger may send them, and each line is looked at in several ways. */
const LONGEST = 100_000;
const MOST_LINES = 4_000;
/** A quote that leaves out more of the mail says which part is meant. */
const WHOLE = 0.8;
const MOST_SIGNATURE_LINES = 10;
const LONGEST_SIGNATURE_LINE = 80;

/** Whether a mail has something in it that can be cut only if the mail that it answers is known. */
export function mayQuote(text: string, subject: string): boolean {
  const lines = linesOf(text, subject);
  return lines !== null && quotesIn(lines).length > 0;
}

/**
 * Takes away what has a name: the mail that is answered, where the conversation has it word for word, and a signature.
 * Nothing is cut of a mail that forwards something, and never all of it.
 */
export function cutKnown(text: string, subject: string, known: readonly KnownMail[]): Cut {
  const lines = linesOf(text, subject);
  if (lines === null) return { text, cut: [] };
  const quote = quotesIn(lines).find(({ body }) => isKnown(lines.slice(body).join('\n'), known));
  const own = quote ? lines.slice(0, quote.start) : lines;
  const signature = signatureIn(own);
  const kept = own.slice(0, signature).join('\n').trim();
  if (kept === '') return { text, cut: [] };
  const cut: Cut['cut'] = [];
  if (signature < own.length) cut.push('signature');
  if (quote) cut.push('quoted mail');
  return cut.length === 0 ? { text, cut } : { text: kept, cut };
}

/** Null: nothing of it may be cut. */
function linesOf(text: string, subject: string): string[] | null {
  if (text.length > LONGEST || isForwardSubject(subject)) return null;
  const lines = text.split('\n');
  return lines.length > MOST_LINES || lines.some(isForwardRule) ? null : lines;
}

interface Quote {
  /** The line that says who wrote, and the first one that he or she wrote. */
  start: number;
  body: number;
}

/** Where a quote may begin, from above; what follows it is to be looked at. */
export function quotesIn(lines: readonly string[]): Quote[] {
  const found: Quote[] = [];
  for (let at = 0; at < lines.length && found.length < MOST_QUOTES; at += 1) {
    const start = attributionTo(lines, at);
    if (start !== null) found.push({ start: aboveRule(lines, start), body: at + 1 });
    const head = headAt(lines, at);
    const above = aboveRule(lines, at);
    if (head && (head.kinds >= 3 || above < at)) found.push({ start: above, body: head.end });
  }
  return found;
}

/** Where the line "On … Ada wrote:" begins that ends here; it stands on three lines at most. */
function attributionTo(lines: readonly string[], end: number): number | null {
  if (!/[:：]\s{0,20}$/.test((lines[end] ?? '').slice(-30))) return null;
  for (let start = end; start >= Math.max(0, end - 2); start -= 1) {
    const part = lines.slice(start, end + 1).map(bareLine);
    if (part[0]?.trim() === '') return null;
    if (isAttribution(part.join(' '))) return startOfSentence(lines, start, end);
  }
  return null;
}

/** The line before belongs to it where it begins as such lines do, in the languages that break them there. */
function startOfSentence(lines: readonly string[], start: number, end: number): number {
  const before = start - 1;
  const begins = /^(?:on|am|le|el|il|em|op|den|w dniu|dnia|pon|wt|śr|czw|pt|sob|niedz)[\s.,]/i;
  const isPart = before >= Math.max(0, end - 2) && begins.test(bareLine(lines[before] ?? ''));
  return isPart && !begins.test(bareLine(lines[start] ?? '')) ? before : start;
}

/** With the rule above it. */
function aboveRule(lines: readonly string[], start: number): number {
  for (let at = start - 1; at >= Math.max(0, start - 3); at -= 1) {
    if (isReplyRule(lines[at] ?? '')) return at;
    if (bareLine(lines[at] ?? '') !== '') break;
  }
  return start;
}

/** Word for word and nearly all of it: an answer between its lines, or a part that was picked out, is not the mail. */
function isKnown(body: string, known: readonly KnownMail[]): boolean {
  const row = rowOf(body);
  if (row.trim() === '') return false;
  return known.flat().some((mail) => row.length >= WHOLE * mail.length && mail.includes(row));
}

/** Where the signature begins; the number of lines where there is none. */
function signatureIn(lines: readonly string[]): number {
  // Below what somebody else wrote it may be theirs.
  if (quotesIn(lines).length > 0) return lines.length;
  let end = lengthWithoutBlanks(lines, lines.length);
  if (end > 0 && isPhoneLine(lines[end - 1] ?? '')) end = lengthWithoutBlanks(lines, end - 1);
  const rule = lines.indexOf('-- ');
  const above = lines[lengthWithoutBlanks(lines, Math.max(rule, 0)) - 1] ?? '';
  if (rule >= 0 && !isCode(above) && isSignature(lines.slice(rule + 1, end))) end = rule;
  return end === lengthWithoutBlanks(lines, lines.length) ? lines.length : end;
}

const isSignature = (below: readonly string[]) =>
  below.length > 0 &&
  below.length <= MOST_SIGNATURE_LINES &&
  below.every((line) => line.length <= LONGEST_SIGNATURE_LINE && !isHeaderLine(line) && !isCode(line));

/** `-- ` begins a comment in SQL, Lua, Haskell and Ada. */
const isCode = (line: string) =>
  /^\s{0,80}(?:--|\/\/|\/\*|\*\/|```|~~~|#!|[{}()[\]])|[;{}(=]\s{0,80}$|\S\s?(?::=|[!=]=|->|=>)\s?\S|\S = \S/.test(
    line.slice(0, 400),
  ) ||
  /^\s{0,80}(?:select|insert into|update|delete from|create|alter|drop|with|from|where|order by|group by|having|join|union|begin|commit|rollback|end|local|function|return|import|module|require|print|declare|grant|truncate|explain|procedure|package)\b/i.test(
    line.slice(0, 400),
  );

function lengthWithoutBlanks(lines: readonly string[], length: number): number {
  let end = length;
  while (end > 0 && (lines[end - 1] ?? '').trim() === '') end -= 1;
  return end;
}
