/** Of more than that nobody reads the end to see whether it calls somebody. */
const MOST = 100_000;

/** What is shown as it was written, or not at all: it ends at its closing tag, or with the text. */
const UNSPOKEN_TAGS = /<(pre|code|script|style|textarea|template)\b[^<>]*>.*?(?:<\/\1\s*>|$(?![\s\S]))/gis;
/** Comments that begin a line, and fenced code: each ends where it is closed, or with the text. */
const BLOCKS =
  /^ {0,3}<!--.*?(?:-->|$(?![\s\S]))|^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?!`)(?=[^`\n]*\n)|~{3,}(?!~))[^\n]*\n.*?(?:^[ \t>]*\1[`~]*[ \t]*$|$(?![\s\S]))/gms;
const QUOTED = /^ {0,3}>.*$/gm;
/** Closed code of chats, wherever it is closed. */
const CHAT_BLOCK = /(?<!`)(`{3,})(?!`).*?\1`*/gs;
/** All that follows it is a quote (support.discord.com/hc/en-us/articles/210298617). */
const QUOTED_TO_THE_END = /^>>>[ \t\n].*/ms;
const LINK_TARGET = /\]\([^()\n]{0,2000}\)|\bhttps?:\/\/[^\s<>]+/gi;
const LINK_DEFINITION = /^ {0,3}\[[^\]\n]{1,1000}\]:.*$/gm;
const TAG = /<\/?[a-z][^<>]{0,2000}>/gi;

/**
 * `document`: Markdown as GitHub reads it, where a fence ends on a line of its own, or with the text, and indented lines
 * are code · `chat`: what chats understand of it, where code ends at the next fence, and an open one is none.
 */
export type Dialect = 'document' | 'chat';

/** What is left of a text are the words that its writer says, seen by all. */
export function spokenIn(text: string, dialect: Dialect): string {
  const part = text.slice(0, MOST);
  const shown = dialect === 'document' ? shownIn(part) : shownInChat(part);
  return shown.replace(LINK_DEFINITION, '').replace(LINK_TARGET, '] ').replace(TAG, ' ');
}

/** The same with its links: without comments, code and quotes. */
export function shownIn(text: string): string {
  const prose = withoutCodeSpans(withoutComments(text.replace(/\r\n?/g, '\n').replace(BLOCKS, '\n')))
    .replace(UNSPOKEN_TAGS, ' ')
    .replace(QUOTED, '');
  return withoutIndentedCode(prose);
}

function shownInChat(text: string): string {
  const blocks = text.replace(/\r\n?/g, '\n').replace(CHAT_BLOCK, '\n');
  return withoutCodeSpans(withoutComments(blocks))
    .replace(UNSPOKEN_TAGS, ' ')
    .replace(QUOTED_TO_THE_END, '')
    .replace(QUOTED, '');
}

/** One that is never closed is shown as it stands. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf('<!--', at);
    const end = start < 0 ? -1 : text.indexOf('-->', start + 2);
    if (end < 0) break;
    kept.push(text.slice(at, start));
    at = end + '-->'.length;
  }
  return [...kept, text.slice(at)].join(' ');
}

/** A code span ends at as many backticks as it began with, in the same paragraph. */
function withoutCodeSpans(text: string): string {
  return text
    .split(/(\n[ \t]*\n)/)
    .map(withoutSpansOf)
    .join('');
}

function withoutSpansOf(paragraph: string): string {
  const runs = [...paragraph.matchAll(/`+/g)];
  /** The places of runs of this length, the last one first. */
  const ahead = new Map<number, number[]>();
  for (const [place, [{ length }]] of [...runs.entries()].reverse()) {
    const same = ahead.get(length);
    if (same) same.push(place);
    else ahead.set(length, [place]);
  }
  const kept: string[] = [];
  let at = 0;
  for (let place = 0; place < runs.length; place += 1) {
    const [{ length }] = runs[place] ?? [''];
    const same = ahead.get(length) ?? [];
    while ((same.at(-1) ?? place + 1) <= place) same.pop();
    const closing = same.at(-1);
    const [start, end] = [runs[place]?.index ?? 0, runs[closing ?? -1]?.index];
    if (closing === undefined || end === undefined) continue;
    kept.push(paragraph.slice(at, start));
    at = end + length;
    place = closing;
  }
  return [...kept, paragraph.slice(at)].join(' ');
}

/** Four blanks after an empty line are code; in a list they are not. */
function withoutIndentedCode(text: string): string {
  let before: 'blank' | 'code' | 'prose' = 'blank';
  let inList = false;
  const lines = text.split('\n').map((line) => {
    if (line.trim() === '') {
      before = before === 'code' ? 'code' : 'blank';
      return line;
    }
    const indented = /^(?: {4}| {0,3}\t)/.test(line);
    if (indented && !inList && before !== 'prose') {
      before = 'code';
      return '';
    }
    if (!indented) inList = /^ {0,3}(?:[-*+]|\d{1,9}[.)])\s/.test(line) || (inList && /^\s/.test(line));
    before = 'prose';
    return line;
  });
  return lines.join('\n');
}
