/// <reference path="./html-to-text.d.ts" />
import { convert } from 'html-to-text';
import type { Mail } from './packets.js';

const LONGEST = 500_000;
const skip = (selector: string) => ({ selector, format: 'skip' });

/** How mail programs mark what they quote. */
const QUOTES = [
  '.gmail_quote',
  '.yahoo_quoted',
  '.moz-cite-prefix',
  'blockquote[type=cite]',
  '#divRplyFwdMsg',
];

/**
 * What the person wrote, from the HTML where there is no text. Of a reply without what it quotes, where that can be
 * told; what is forwarded is what is to be read.
 */
export function textOf({ text, html }: Pick<Mail, 'text' | 'html'>, isReply: boolean): string {
  const plain = text.slice(0, LONGEST).replace(/\r\n?/g, '\n').trim();
  const shown = plain === '' ? plainOf(html, isReply ? QUOTES : []) : plain;
  const own = withoutSignature(isReply ? withoutQuote(shown) : shown);
  return own === '' ? plain || plainOf(html, []) : own;
}

/** The time that reading takes grows with the square of the depth: a stranger may have written nothing but tags. */
const MOST_TAGS = 8000;

function plainOf(html: string, skipped: readonly string[]): string {
  const bounded = html.slice(0, LONGEST).split('<', MOST_TAGS).join('<');
  return convert(bounded, {
    wordwrap: false,
    limits: { maxInputLength: LONGEST, maxDepth: 200, maxChildNodes: 10_000 },
    selectors: [
      ...skipped.map(skip),
      skip('img'),
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      { selector: 'table', format: 'dataTable' },
      ...['h1', 'h2', 'h3', 'h4'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  }).trim();
}

/** A line after which only quoted words follow. */
const DIVIDER =
  /^(?:-{2,} ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original) ?-{2,}|_{20,}) *$/i;
const ATTRIBUTION = /^(?:on|am|le|el|il|op|em|den|w dniu)\b.{5,300}:$/i;

/** Below it stands who wrote it; the others are what telephones put there. */
const SIGNATURE =
  /^(?:-- |(?:sent from my|von meinem .{2,20} gesendet|envoyé de mon|enviado desde mi|get outlook for)\b.*)$/i;

/** Cuts a reply at what it quotes below. A quote that is answered line by line is left as it is. */
function withoutQuote(text: string): string {
  const lines = text.split('\n');
  const divider = lines.findIndex((line) => DIVIDER.test(line.slice(0, 400)));
  const kept = divider < 0 ? lines : lines.slice(0, divider);
  let end = kept.length;
  while (end > 0 && /^\s*(?:>.*)?$/.test(kept[end - 1] ?? '')) end -= 1;
  const quoted = kept.slice(end).some((line) => line.trimStart().startsWith('>'));
  if (quoted) end = beforeAttribution(kept, end);
  return kept.slice(0, end).join('\n').trim();
}

/** Where the line "On … Ada wrote:" begins, which stands on one line or two. */
function beforeAttribution(lines: readonly string[], end: number): number {
  for (const count of [1, 2]) {
    const joined = lines.slice(Math.max(0, end - count), end).join(' ');
    if (ATTRIBUTION.test(joined.trim().slice(0, 400))) return Math.max(0, end - count);
  }
  return end;
}

function withoutSignature(text: string): string {
  const lines = text.split('\n');
  const signature = lines.findIndex((line) => SIGNATURE.test(line.slice(0, 100)));
  return (signature < 0 ? text : lines.slice(0, signature).join('\n')).trim();
}
