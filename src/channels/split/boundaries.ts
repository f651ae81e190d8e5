/** What must stay in one piece where it can: links, addresses, inline code, mentions. Bounded: no text may be slow to cut. */
const WHOLE = /\[[^\]\n]{0,300}\]\([^)\s]{0,500}\)|<[^<>\s]{1,80}>|`[^`\n]+`|\bhttps?:\/\/[^\s<>)]+/g;

/** A paragraph or a line is cut off early rather than broken, but not so early that parts become crumbs. */
const EARLIEST_PARAGRAPH = 0.4;
const EARLIEST_LINE = 0.25;

/** Where to cut `text` so that at most `limit` code units come before it, best places first; all within 1…limit. */
export function cutsBefore(text: string, limit: number, inCode: (at: number) => boolean): number[] {
  const cuts: number[] = [];
  const paragraph = lastParagraph(text, limit, inCode);
  if (paragraph >= limit * EARLIEST_PARAGRAPH) cuts.push(paragraph);
  const line = text.lastIndexOf('\n', limit);
  if (line >= limit * EARLIEST_LINE) cuts.push(line);
  const whole = wholeRanges(text, limit);
  const word = lastWord(text, limit, whole);
  if (word > 0) cuts.push(word);
  if (line > 0) cuts.push(line);
  cuts.push(hardCut(text, limit, whole));
  return cuts;
}

function lastParagraph(text: string, limit: number, inCode: (at: number) => boolean): number {
  for (let at = text.lastIndexOf('\n\n', limit); at > 0; at = text.lastIndexOf('\n\n', at - 1)) {
    if (!inCode(at)) return at;
  }
  return -1;
}

function lastWord(text: string, limit: number, whole: readonly [number, number][]): number {
  for (let at = limit; at > 0; at -= 1) {
    if (!/\s/.test(text.charAt(at))) continue;
    if (!whole.some(([start, end]) => at > start && at < end)) return at;
  }
  return -1;
}

/** In the middle of a word: at least not within a link or a character that is made of several. */
function hardCut(text: string, limit: number, whole: readonly [number, number][]): number {
  const range = whole.find(([start, end]) => limit > start && limit < end);
  if (range && range[0] > 0) return range[0];
  const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, limit + 64),
  );
  const start = segments.containing(limit)?.index ?? limit;
  if (start > 0) return start;
  const code = text.charCodeAt(limit);
  const inPair = code >= 0xdc00 && code <= 0xdfff && limit > 1;
  return inPair ? limit - 1 : limit;
}

function wholeRanges(text: string, limit: number): [number, number][] {
  const near = text.slice(0, limit * 2);
  return [...near.matchAll(WHOLE)]
    .map((match): [number, number] => [match.index, match.index + match[0].length])
    .filter(([start, end]) => start < limit && end - start <= limit);
}
