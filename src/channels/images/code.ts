/** A piece of Markdown: certainly code, or anything else. */
export interface Piece {
  code: boolean;
  text: string;
}

interface Fence {
  mark: string;
  least: number;
}

/** What begins with this may be a tag, a comment or an address in angle brackets. */
const TAG = /<[a-z!/?]/i;
const DIAGRAM = /mermaid|&/i;
/** How a diagram loads something: GitHub and Linear draw it, and its language spells characters in many ways. */
const LOADS = /img|image|icon|src|url|:|\/\/|&|#\w+;/i;

/**
 * Cuts Markdown into what is code for every reader of CommonMark, whatever stands around it, and the rest: whoever writes
 * hostile text wants the two of us to disagree. A code block is certain where its fence stands at the beginning of a
 * line, until a fence stands anywhere else. Takes time in proportion to the text.
 */
export function piecesOf(markdown: string): Piece[] {
  const pieces: Piece[] = [];
  let rest: string[] = [];
  let block: string[] = [];
  let fence: Fence | null = null;
  let isSure = true;
  let mayBeHtml = false;
  const flush = () => {
    pieces.push(...paragraphsOf(rest));
    rest = [];
  };
  const finish = () => {
    pieces.push({ code: true, text: undrawn(block).join('') });
    block = [];
    fence = null;
  };
  for (const line of markdown.match(/[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+/g) ?? []) {
    const bare = line.replace(/[\r\n]+$/, '');
    if (fence) {
      block.push(line);
      if (closes(fence, bare)) finish();
      continue;
    }
    if (bare.trim() === '') mayBeHtml = false;
    fence = isSure && !mayBeHtml ? opened(bare) : null;
    if (fence) {
      flush();
      block = [line];
      continue;
    }
    const doubtful = /`{3}|~{3}/.test(bare);
    if (doubtful) isSure = false;
    if (TAG.test(bare.replace(SPAN, ''))) mayBeHtml = true;
    rest.push(
      doubtful && DIAGRAM.test(bare) ? line.replace(/((?:`{3,}|~{3,})[ \t]*)[^`~\r\n]*/g, '$1') : line,
    );
  }
  if (fence) finish();
  flush();
  return pieces;
}

const SPAN = /(?<!`)(`+)(?!`)[^`]*(?<!`)\1(?!`)/g;

function opened(line: string): Fence | null {
  const [, ticks, tildes] = /^(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(line) ?? [];
  const mark = ticks ?? tildes;
  return mark === undefined ? null : { mark: mark.charAt(0), least: mark.length };
}

function closes({ mark, least }: Fence, line: string): boolean {
  const found = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(line)?.[1];
  return found?.startsWith(mark) === true && found.length >= least;
}

/** A diagram that could load something is shown as its text. */
function undrawn(block: readonly string[]): readonly string[] {
  const [opening = '', ...body] = block;
  if (!DIAGRAM.test(opening) || !body.some((line) => LOADS.test(line))) return block;
  return [opening.replace(/^(`+|~+)[^\r\n]*/, '$1'), ...body];
}

/** Code within lines is certain where every line of the paragraph holds whole pairs of marks, and no tag or table cell. */
function paragraphsOf(lines: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    const spans = paragraph.map(spansOf);
    const sure = spans.every((one) => one !== null) ? spans.flat() : null;
    pieces.push(...(sure?.flatMap((one) => one ?? []) ?? [{ code: false, text: paragraph.join('') }]));
    paragraph = [];
  };
  for (const line of lines) {
    if (line.trim() === '') flush();
    paragraph.push(line);
  }
  flush();
  return joined(pieces);
}

const MOST_MARKS = 100;

/** The code in this line and what stands between; null where it is not certain. */
function spansOf(line: string): Piece[] | null {
  const marks = [...line.matchAll(/`+/g)];
  if (line.includes('|') || marks.length > MOST_MARKS) return null;
  const pieces: Piece[] = [];
  let end = 0;
  for (let at = 0; at < marks.length; at += 1) {
    const mark = marks[at];
    const closing = marks.findIndex((one, index) => index > at && one[0] === mark?.[0]);
    const close = marks[closing];
    if (!mark || !close || line.charAt(mark.index - 1) === '\\') return null;
    pieces.push({ code: false, text: line.slice(end, mark.index) });
    end = close.index + close[0].length;
    pieces.push({ code: true, text: line.slice(mark.index, end) });
    at = closing;
  }
  pieces.push({ code: false, text: line.slice(end) });
  return pieces.some(({ code, text }) => !code && TAG.test(text)) ? null : pieces;
}

/** Neighbours of a kind as one: a tag may go over several lines. */
function joined(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  for (const { code, text } of pieces) {
    const last = found.at(-1);
    if (last && last.code === code) last.text += text;
    else if (text !== '') found.push({ code, text });
  }
  return found;
}
