/** A part of a text with a meaning, as Telegram tells it; offsets in UTF-16 code units. */
export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
}

export interface Marked {
  text: string;
  entities: Entity[];
}

export class MarkupError extends Error {}

const TAGS: Readonly<Record<string, string>> = {
  b: 'bold',
  i: 'italic',
  s: 'strikethrough',
  u: 'underline',
  code: 'code',
  pre: 'pre',
  a: 'text_link',
  blockquote: 'blockquote',
};
const CHARACTERS: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** Telegram's HTML (core.telegram.org/bots/api#html-style), as strict as Telegram is about it. */
export function parseHtml(html: string): Marked {
  let text = '';
  const entities: Entity[] = [];
  const open: { tag: string; entity: Entity }[] = [];
  for (const token of html.match(/<[^>]*>|<|&\w+;|&|[^<&]+/g) ?? []) {
    if (token.startsWith('&')) text += characterOf(token);
    else if (!token.startsWith('<')) text += token;
    else if (token.startsWith('</')) close(token.slice(2, -1));
    else begin(token);
  }
  if (open.length > 0) throw new MarkupError(`can't find end tag corresponding to start tag ${open[0]?.tag}`);
  return { text, entities: entities.filter((entity) => entity.length > 0) };

  function begin(token: string): void {
    const [, tag = '', attributes = ''] = /^<(\w+)((?:\s+\w+="[^"]*")*)>$/.exec(token) ?? [];
    const type = TAGS[tag];
    if (!type) throw new MarkupError(`unsupported start tag "${tag}"`);
    if (tag === 'blockquote' && open.some((one) => one.tag === tag))
      throw new MarkupError('nested blockquote');
    const outer = open.at(-1);
    const language = /class="language-([^"]+)"/.exec(attributes)?.[1];
    if (outer?.tag === 'pre' && tag === 'code') {
      if (language) outer.entity.language = language;
      open.push({ tag, entity: { type, offset: text.length, length: 0 } });
      return;
    }
    const url = /href="([^"]*)"/.exec(attributes)?.[1];
    const entity: Entity = { type, offset: text.length, length: 0 };
    if (tag === 'a' && url) entity.url = url.replace(/&(\w+);/g, characterOf);
    entities.push(entity);
    open.push({ tag, entity });
  }

  function close(tag: string): void {
    const last = open.pop();
    if (last?.tag !== tag) throw new MarkupError(`unexpected end tag "${tag}"`);
    last.entity.length = text.length - last.entity.offset;
  }
}

function characterOf(token: string): string {
  const found = CHARACTERS[token.slice(1, -1)];
  if (found === undefined && token !== '&') throw new MarkupError(`unsupported character ${token}`);
  return found ?? '&';
}

const MARKS: Readonly<Record<string, string>> = {
  '*': 'bold',
  _: 'italic',
  '~': 'strikethrough',
  '`': 'code',
};

/** The part of Telegram's MarkdownV2 that cards use: escapes, and marks that may stand in each other. */
export function parseMarkdownV2(source: string): Marked {
  let text = '';
  const entities: Entity[] = [];
  const open = new Map<string, Entity>();
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    const type = MARKS[character];
    if (character === '\\') {
      at += 1;
      text += source[at] ?? '';
    } else if (type) {
      const begun = open.get(character);
      if (begun) {
        begun.length = text.length - begun.offset;
        entities.push(begun);
        open.delete(character);
      } else open.set(character, { type, offset: text.length, length: 0 });
    } else if ('[]()>#+-=|{}.!'.includes(character)) {
      throw new MarkupError(`character '${character}' is reserved and must be escaped`);
    } else text += character;
  }
  if (open.size > 0) throw new MarkupError("can't find end of an entity");
  return { text, entities };
}
