import { parseMarkdown, tableToAscii } from 'chat';
import { isOvermarked } from '../split/overmarked.js';

type Root = ReturnType<typeof parseMarkdown>;
type Node = Root['children'][number];

/**
 * Markdown as Telegram's HTML (core.telegram.org/bots/api#html-style). What Telegram does not know is put in the
 * nearest form that it does: a heading in bold, a table in a code block, a list with bullets, an image as a link.
 * A text that is nothing but marks is shown as it is.
 */
export function renderTelegramHtml(markdown: string): string {
  if (isOvermarked(markdown)) return escapeHtml(markdown);
  return blocks(parseMarkdown(markdown).children, '\n\n');
}

/** Bounded and within one line: thousands of line ends must cost no more than other texts. */
const TABLE_RULE = /^[ \t]{0,20}\|?[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|/m;
const LIST_ITEM = /^(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])/gm;

/**
 * A text that is at least as long as what is seen of this Markdown in Telegram, which does not count markup. Nothing
 * of it gets longer but tables and the indents of lists: parsing for each cut that is tried takes far longer.
 */
export function longestSeen(markdown: string): string {
  return TABLE_RULE.test(markdown) ? renderTelegramHtml(markdown) : markdown.replace(LIST_ITEM, '  ');
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

const blocks = (nodes: readonly Node[], between: string): string =>
  nodes
    .map((node) => render(node))
    .filter((text) => text !== '')
    .join(between);

const inline = (nodes: readonly Node[]): string => nodes.map((node) => render(node)).join('');

function render(node: Node): string {
  switch (node.type) {
    case 'text':
    case 'html':
      return escapeHtml(node.value);
    case 'paragraph':
      return inline(node.children);
    case 'strong':
    case 'heading':
      return `<b>${inline(node.children)}</b>`;
    case 'emphasis':
      return `<i>${inline(node.children)}</i>`;
    case 'delete':
      return `<s>${inline(node.children)}</s>`;
    case 'inlineCode':
      return `<code>${escapeHtml(node.value)}</code>`;
    case 'code':
      return codeBlock(node.value, [node.lang, node.meta].filter(Boolean).join(' '));
    case 'table':
      return codeBlock(tableToAscii(node), '');
    case 'link':
      return link(node.url, inline(node.children));
    case 'image':
      return link(node.url, escapeHtml(node.alt || node.url));
    case 'list':
      return node.children
        .map((item, index) => listItem(item, node.ordered ? `${(node.start ?? 1) + index}.` : '•'))
        .join('\n');
    case 'blockquote':
      return quote(node.children);
    case 'thematicBreak':
      return '———';
    case 'break':
      return '\n';
    case 'linkReference':
      return inline(node.children);
    case 'imageReference':
      return escapeHtml(node.alt ?? '');
    case 'definition':
      return link(node.url, escapeHtml(`[${node.label ?? node.identifier}]: ${node.url}`));
    case 'footnoteReference':
      return escapeHtml(`[${node.label ?? node.identifier}]`);
    case 'footnoteDefinition':
      return `${escapeHtml(`[${node.label ?? node.identifier}]`)} ${blocks(node.children, '\n')}`;
    case 'listItem':
      return listItem(node, '•');
    default:
      return '';
  }
}

/** `info` is what stands behind the fence: a language, or words that are shown where it is none. */
function codeBlock(code: string, info: string): string {
  if (info === '') return `<pre>${escapeHtml(code)}</pre>`;
  if (!/^[\w+#.-]{1,40}$/.test(info)) return `<pre>${escapeHtml(`${info}\n${code}`)}</pre>`;
  return `<pre><code class="language-${info}">${escapeHtml(code)}</code></pre>`;
}

/** Only addresses that Telegram opens become links; of others the address is shown. */
function link(url: string, label: string): string {
  const shown = escapeHtml(url);
  if (!/^(?:https?|tg|mailto|tel):/i.test(url)) return label === shown ? label : `${label} (${shown})`;
  return `<a href="${shown.replace(/"/g, '&quot;')}">${label}</a>`;
}

function listItem(item: Extract<Node, { type: 'listItem' }>, bullet: string): string {
  const box = item.checked === true ? '☑ ' : item.checked === false ? '☐ ' : '';
  return `${bullet} ${box}${outsideCode(blocks(item.children, '\n'), '  ')}`;
}

/** Quotes cannot stand in each other. */
function quote(children: readonly Node[]): string {
  const inner = blocks(children, '\n').replace(/<\/?blockquote>/g, '');
  return `<blockquote>${inner}</blockquote>`;
}

/** Indents every line but the first, and none of a code block. */
function outsideCode(html: string, indent: string): string {
  return html
    .split(/(<pre>[\s\S]*?<\/pre>)/)
    .map((piece, index) => (index % 2 === 1 ? piece : piece.replace(/\n(?!$)/g, `\n${indent}`)))
    .join('');
}
