import { piecesOf } from './code.js';
import { inertHtml } from './html.js';

/** Without one of these there is no image, no HTML and no diagram. */
const SUSPECT = /!\[|<[a-z!/?]|`{3}|~{3}/i;

/**
 * Markdown in which nothing is loaded by being shown: an image becomes a link, HTML that could load something becomes
 * text. A platform fetches the address of an image with nobody clicking, and so it would carry out what an agent was not
 * to tell anybody. What is certainly code is left alone; `strict` is for platforms that read Markdown in a way of their
 * own, where code that looks like an image is changed too. Done twice it is the same as once.
 */
export function withoutImages(markdown: string, options: { strict?: boolean } = {}): string {
  if (!SUSPECT.test(markdown)) return markdown;
  return piecesOf(markdown)
    .map(({ code, text }) => {
      if (!code) return inertImages(inertHtml(text));
      return options.strict ? inertCode(text) : text;
    })
    .join('');
}

/** An image in a link: what is clicked is the link. */
const BADGE = /\[!\[([^[\]\n]{1,300})\]\([^()\s]{0,2000}(?:\s[^()\n]{0,300})?\)\]\(/g;
const IMAGE = /(\\)?(?<!!)!+\[(\])?/g;

const inertImages = (text: string) =>
  text
    .replace(BADGE, '[$1](')
    .replace(IMAGE, (_, escaped: string | undefined, empty: string | undefined) =>
      escaped ? `\\! [${empty ?? ''}` : empty ? '[image]' : '[',
    );

/** Only what has an address elsewhere: `vec![1, 2]` is no image. */
const inertCode = (text: string) =>
  text
    .replace(/(?<!!)!+(?=\[[^\]]{0,300}\]\(\s{0,20}<?(?:[a-z][a-z0-9+.-]{0,20}:)?\/\/)/gi, '')
    .replace(/<(?=[a-z][^<>]{0,2000}=)/gi, '‹');
