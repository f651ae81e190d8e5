import type { Forwarded } from '../adapter.js';
import { bareText } from './bare-text.js';
import { type Cut, cutKnown, type KnownMail, wordsIn } from './cut.js';
import { splitForward } from './forward.js';
import { readHtml, type Words } from './markup.js';
import type { Mail } from './packets.js';

const LONGEST = 500_000;
/** Of a mail that nobody is to answer yet: a pairing code, or what is kept until its chat is registered. */
const LONGEST_BRIEF = 20_000;
/** A text beside HTML that is too large to be compared with it: shorter ones only stand in its place. */
const SHORT = 2_000;

type Parts = Pick<Mail, 'text' | 'html'>;

/** What a mail says, whole. */
export interface ReadMail extends Words {
  /** Words of the mail that the text does not have. Empty: there are none. */
  elsewhere: string;
}

export interface ShownMail {
  text: string;
  problems: string[];
  /** All words, where some are not in the text. */
  full: string | null;
  /** What its sender passes on; none of it is in the text. */
  forwarded?: Forwarded;
}

/**
 * The text, or the HTML where it says more: many programs put a sentence such as "Your mail program does not show HTML"
 * in the place of the text, or leave out its tables.
 */
export function readMail({ text, html }: Parts): ReadMail {
  const whole = plainOf(text, text.length);
  const plain = whole.slice(0, LONGEST);
  const rest = whole.length > LONGEST ? whole.slice(LONGEST) : '';
  if (html.trim() === '' || !saysMore(html, plain)) return { text: plain, problem: null, elsewhere: rest };
  const shown = readHtml(html);
  const isElsewhere = plain !== '' && !isPartOf(wordsIn(whole), shown.text.slice(0, LONGEST));
  return { ...shown, elsewhere: isElsewhere ? whole : '' };
}

/** What of it is shown. `known`: the mail that it answers, if the conversation has it. */
export function showMail(read: ReadMail, subject: string, known: readonly KnownMail[]): ShownMail {
  const passedOn = splitForward(read.text, subject);
  const cut: Cut = passedOn ? { text: passedOn.own, cut: [] } : cutKnown(read.text, subject, known);
  const forwarded = passedOn ? { forwarded: passedOn.forwarded } : {};
  const named = [...cut.cut, ...(read.elsewhere === '' ? [] : ['words of the text part'])];
  const problems = read.problem === null ? [] : [read.problem];
  if (named.length === 0) return { text: cut.text, problems, full: null, ...forwarded };
  problems.push(`Cut: ${named.join(', ')}; full text in full.txt.`);
  const full = [read.text, read.elsewhere].filter((part) => part !== '').join('\n\n');
  return { text: cut.text, problems, full, ...forwarded };
}

/** The beginning of it, without reading any HTML as HTML. Nothing can be kept beside it: only a code stands alone. */
export function briefTextOf({ text, html }: Parts): string {
  const plain = plainOf(text, LONGEST_BRIEF);
  const bare = bareText(html.slice(0, LONGEST_BRIEF));
  const parts = [plain, bare].map((part) => cutKnown(part, '', []).text);
  const code = parts.find((part) => /^\S+$/.test(part));
  return code ?? (isPartOf(wordsIn(bare), plain) ? plain : bare);
}

const plainOf = (text: string, longest: number) => text.slice(0, longest).replace(/\r\n?/g, '\n').trim();

function saysMore(html: string, plain: string): boolean {
  if (plain === '' || (html.length > LONGEST && plain.length < SHORT)) return true;
  return !isPartOf(wordsIn(bareText(html.slice(0, LONGEST))), plain);
}

function isPartOf(words: readonly string[], text: string): boolean {
  const all = new Set(wordsIn(text));
  return words.every((word) => all.has(word));
}
