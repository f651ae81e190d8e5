/** Of the HTML. */
const LONGEST = 4_000_000;
const UNSEEN = /<\/(?:style|script|title)/gi;
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));?/gi;
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const NEW_LINE = /^(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section|table|tr|ul)$/;

/**
 * The words of HTML without its tags, for what is too much to be parsed: each letter is looked at once, and nothing of
 * what it says decides how much is done.
 */
export function bareText(whole: string): string {
  const html = whole.slice(0, LONGEST);
  const lastEnd = html.lastIndexOf('>');
  const found: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    const isText = open < 0 || open > lastEnd;
    found.push(html.slice(at, isText ? html.length : open).replace(/\s/g, ' '));
    if (isText) break;
    const name = /^<\/?([a-z][a-z\d]{0,20})/i.exec(html.slice(open, open + 24))?.[1]?.toLowerCase();
    if (name === undefined && !/^<[!?/]/.test(html.slice(open, open + 2))) found.push('<');
    found.push(name && NEW_LINE.test(name) ? '\n' : name === 'td' || name === 'th' ? ' ' : '');
    at = endOf(html, open, name);
  }
  return linesOf(found.join('').replace(ENTITY, letterOf));
}

/** Behind the tag that opens here, and behind what it hides. */
function endOf(html: string, open: number, name: string | undefined): number {
  const after = (end: number, length: number) => (end < 0 ? html.length : end + length);
  if (html.startsWith('<!--', open)) return after(html.indexOf('-->', open + 4), 3);
  if (name === undefined && !/^<[!?/]/.test(html.slice(open, open + 2))) return open + 1;
  const isUnseen = (name === 'style' || name === 'script' || name === 'title') && html[open + 1] !== '/';
  if (!isUnseen) return after(html.indexOf('>', open), 1);
  UNSEEN.lastIndex = open;
  const end = UNSEEN.exec(html)?.index ?? -1;
  return end < 0 ? html.length : after(html.indexOf('>', end), 1);
}

function letterOf(written: string, decimal?: string, hex?: string, name?: string): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? written;
  const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  const isLetter = point >= 32 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  return isLetter ? String.fromCodePoint(point) : ' ';
}

/** Without gaps; an empty line stays one. */
function linesOf(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  );
  return lines
    .filter((line, at) => line !== '' || lines[at - 1] !== '')
    .join('\n')
    .trim();
}
