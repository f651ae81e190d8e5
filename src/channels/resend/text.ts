import type { Parser } from '../../parser/index.js';
import type { Forwarded } from '../adapter.js';
import { bareText } from './bare-text.js';
import { type Cut, cutKnown, type KnownMail, wordsIn } from './cut.js';
import { splitForward } from './forward.js';
import type { Mail } from './packets.js';

/** What is shown of a mail. */
export const LONGEST = 500_000;
/** Of a mail that nobody is to answer yet: a pairing code, or what is kept until its chat is registered. */
const LONGEST_BRIEF = 20_000;

type Parts = Pick<Mail, 'text' | 'html'>;

/** What a mail says, whole. */
export interface ReadMail {
  text: string;
  /** For the agent: what could not be read as it was meant. */
  problem: string | null;
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

/** Of its text and of its HTML: what is more is not parsed. Far beyond what mails are made of. */
const MOST_PARSED = { text: 1_000_000, html: 4_000_000 };

/** A mail of text alone, or one whose HTML could not be read: then its bare words stand for it. */
function plainMail({ text, html }: Parts, problem: string | null): ReadMail {
  const whole = plainOf(text, text.length);
  const bare = bareText(html);
  // Whichever says more is shown, and the other one kept where it has words of its own.
  const says = isPartOf(wordsIn(bare), whole) ? [whole] : [bare, isPartOf(wordsIn(whole), bare) ? '' : whole];
  const [shown = '', ...others] = says;
  const elsewhere = [shown.slice(LONGEST), ...others].filter((part) => part !== '').join('\n\n');
  return { text: shown.slice(0, LONGEST), problem, elsewhere };
}

const UNREAD = 'The layout of this mail could not be read: its bare words stand here.';

/** What a mail says. HTML is parsed in another process (`markup.ts`); a text without it needs no parsing. */
export async function readMail(mail: Parts, parser: Pick<Parser, 'read'>, sender: string): Promise<ReadMail> {
  const { text, html } = mail;
  if (html.trim() === '') return plainMail(mail, null);
  const parsed = {
    text: text.slice(0, MOST_PARSED.text),
    html: html.slice(0, MOST_PARSED.html),
  };
  const read = await parser.read('mail', parsed, sender);
  if (read === null) return plainMail(mail, UNREAD);
  const rest = [read.elsewhere, text.slice(MOST_PARSED.text)].filter((part) => part !== '').join('\n\n');
  return { ...read, elsewhere: rest };
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

export const plainOf = (text: string, longest: number): string =>
  text.slice(0, longest).replace(/\r\n?/g, '\n').trim();

export function isPartOf(words: readonly string[], text: string): boolean {
  const all = new Set(wordsIn(text));
  return words.every((word) => all.has(word));
}
