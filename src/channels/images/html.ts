/** A comment that hides nothing, or whatever begins like a tag. */
const TOKEN = /<!--(?!-?>)[^<>![\]]*-->|<(?=[a-z!/?])[^<>]*>?/gi;

const ADDRESS = /^<(?:[a-z][a-z0-9+.-]{1,31}:[^\s<>]*|[^\s<>@"'=]+@[^\s<>"'=]+)>$/i;
const COMMENT = /^<!--(?!-?>)[^<>![\]]*-->$/;
/** What looks no different with an attribute of these, and loads nothing; `href` on a link waits for a click. */
const ATTRIBUTE = `(?:align|checked|colspan|dir|height|href|id|lang|name|open|reversed|rowspan|start|title|type|valign|width)`;
const VALUE = String.raw`\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=\x60]+)`;
const TAG = new RegExp(String.raw`^<\/?([a-z][a-z0-9-]*)(?:\s+${ATTRIBUTE}(?:${VALUE})?)*\s*\/?>$`, 'i');
/** Loads something by its name alone, makes a page or changes how it looks, or holds back Markdown until it is closed. */
const REFUSED = new Set(
  `applet audio base body embed frame frameset head html iframe image img input link math meta noembed noframes
   noscript object param picture plaintext portal pre script source style svg template textarea title track video
   xmp`.split(/\s+/),
);

/** Markdown in whose HTML nothing is loaded: an image is told in words, another tag that might is shown as text. */
export function inertHtml(markdown: string): string {
  let equals = -1;
  let end = -1;
  /** Something is set before this tag ends, by those who read on over a `<`. */
  const sets = (at: number) => {
    if (equals < at) equals = placeOf(markdown, '=', at);
    if (end < at) end = placeOf(markdown, '>', at);
    return equals < end;
  };
  return markdown.replace(TOKEN, (token, at: number) => {
    const harmless = token.endsWith('>') ? isHarmless(token) : isOpen(token) && !sets(at);
    return harmless ? token : (imageOf(token) ?? `‹${token.slice(1)}`);
  });
}

function placeOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? Number.POSITIVE_INFINITY : found;
}

function isHarmless(token: string): boolean {
  if (COMMENT.test(token) || ADDRESS.test(token)) return true;
  // Nothing is set in `x<y and z>w`, nor in what chats write so: `<!channel>`, `<users/all>`, `<t:1700000000:R>`.
  const bare = /^<[!/]?([a-z][a-z0-9-]*)(?![a-z0-9-])(?:[\s\w,.?*&-]*|[^\s<>="'`]*)>$/i.exec(token);
  return isAllowed((bare ?? TAG.exec(token))?.[1]);
}

/** `List<List` does not end, so that it is no tag. */
const isOpen = (token: string) => isAllowed(/^<\/?([a-z][a-z0-9-]*)/i.exec(token)?.[1]);

const isAllowed = (name: string | undefined) => name !== undefined && !REFUSED.has(name.toLowerCase());

/** `[image: alt] address` for the tag of an image; null: it is none. */
function imageOf(token: string): string | null {
  if (!/^<ima?ge?\b/i.test(token)) return null;
  const attributes = new Map<string, string>();
  for (const [, name = '', ...values] of token.matchAll(
    /(?<![\w:-])([a-z][\w:-]{0,30})\s{0,20}=\s{0,20}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi,
  )) {
    attributes.set(name.toLowerCase(), plain(values.find((value) => value !== undefined) ?? ''));
  }
  const alt = attributes.get('alt') ?? '';
  const address = attributes.get('src') ?? attributes.get('href') ?? attributes.get('srcset') ?? '';
  return [alt ? `[image: ${alt}]` : '[image]', address].filter(Boolean).join(' ');
}

const plain = (text: string) => text.replace(/[[\]()<>`!|\s]+/g, ' ').trim();
