import { decoded, momentOf } from './packets.js';

/** As long as what Teams sends can be, and longer. */
const MOST = 200_000;
const BLOCKS = /^(?:p|div|li|tr|h[1-6]|blockquote|ul|ol|table)$/;
const MARKS: Readonly<Record<string, string>> = {
  ...{ strong: '**', b: '**', em: '*', i: '*', s: '~~', strike: '~~', del: '~~', code: '`' },
};

export function attribute(attributes: string, name: string): string {
  const [, double, single] =
    new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes) ?? [];
  return decoded(double ?? single ?? '');
}

/** The words of a message's HTML as Markdown. `pictures`: those that do not come as files are named. */
export function wordsOfHtml(html: string, pictures: boolean): string {
  const links: string[] = [];
  const marked = html
    .slice(0, MOST)
    .replace(/<(\/?)([a-z][a-z0-9]{0,20})\b([^<>]*)>/gi, (_, slash, tag, rest) => {
      const [name, closes] = [String(tag).toLowerCase(), slash === '/'];
      if (name === 'br') return '\n';
      if (name === 'at') return closes ? '' : '@';
      if (name === 'pre') return '\n```\n';
      if (name === 'emoji') return closes ? '' : attribute(rest, 'alt');
      if (name === 'img') return pictureOf(rest, pictures);
      if (name === 'li' && !closes) return '- ';
      if (BLOCKS.test(name)) return closes ? '\n' : '';
      if (name !== 'a') return MARKS[name] ?? '';
      if (!closes) {
        links.push(attribute(rest, 'href'));
        return '[';
      }
      const target = links.pop();
      return target === undefined ? '' : `](${target})`;
    });
  return decoded(marked)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function pictureOf(attributes: string, named: boolean): string {
  const alt = attribute(attributes, 'alt');
  const kind = attribute(attributes, 'itemtype').split('/').at(-1)?.toLowerCase() ?? '';
  if (kind === 'emoji') return alt;
  if (kind === 'giphy') return `[gif: ${alt}]`;
  if (kind.includes('sticker')) return `[sticker ${alt}]`;
  return named ? `[image${alt ? `: ${alt}` : ''}]` : '';
}

/** A message that stands in another one's HTML. */
export interface Inner {
  kind: 'reply' | 'forward';
  messageId: string;
  /** Whose account it is. */
  senderId: string;
  from: string;
  at: number | null;
  html: string;
}

/** How many of them are told from the message's own words. */
const MOST_INNER = 10;

/** Takes out of a message's HTML what it answers and passes on (`http://schema.skype.com/Reply`, `…/Forward`). */
export function withoutInner(html: string): { own: string; inner: Inner[] } {
  const text = html.slice(0, MOST);
  const inner: Inner[] = [];
  const own: string[] = [];
  let [at, depth, begins, attributes] = [0, 0, 0, ''];
  for (const { index, 0: tag, 1: slash, 2: rest = '' } of text.matchAll(/<(\/?)blockquote\b([^<>]*)>/gi)) {
    if (depth === 0 && (slash || !kindOf(rest) || inner.length === MOST_INNER)) continue;
    if (!slash) {
      if (depth === 0) {
        own.push(text.slice(at, index));
        [begins, attributes] = [index + tag.length, rest];
      }
      depth += 1;
      continue;
    }
    depth -= 1;
    if (depth > 0) continue;
    inner.push(innerOf(attributes, text.slice(begins, index)));
    at = index + tag.length;
  }
  // One that is never closed is all the rest.
  if (depth > 0) inner.push(innerOf(attributes, text.slice(begins)));
  else own.push(text.slice(at));
  return { own: own.join(' '), inner };
}

function kindOf(attributes: string): Inner['kind'] | null {
  const [, kind] =
    /^https?:\/\/schema\.skype\.com\/(Reply|Forward)/i.exec(attribute(attributes, 'itemtype')) ?? [];
  if (kind === undefined) return null;
  return kind.toLowerCase() === 'reply' ? 'reply' : 'forward';
}

function innerOf(attributes: string, html: string): Inner {
  let [from, senderId, at] = ['', '', ''];
  const words = html
    .replace(/<strong\b([^<>]*)>([^<>]{0,500})<\/strong>/i, (whole, rest, name) => {
      if (attribute(rest, 'itemprop') !== 'mri') return whole;
      [from, senderId] = [decoded(name).trim(), attribute(rest, 'itemid')];
      return '';
    })
    .replace(/<span\b([^<>]*)>([^<>]{0,200})<\/span>/i, (whole, rest) => {
      if (attribute(rest, 'itemprop') !== 'time') return whole;
      at = attribute(rest, 'itemid');
      return '';
    });
  const messageId = attribute(attributes, 'itemid');
  return {
    ...{ kind: kindOf(attributes) ?? 'reply', messageId, senderId, from },
    ...{ at: momentOf(at) ?? momentOf(messageId), html: words },
  };
}
