import { parseMarkdown, tableToAscii } from 'chat';
import { isOvermarked } from '../split/overmarked.js';

type Root = ReturnType<typeof parseMarkdown>;
type Node = Root['children'][number];

/**
 * Markdown as WhatsApp shows it (faq.whatsapp.com/539178204879377): `*bold*`, `_italic_`, `~strike~`, code, quotes and
 * lists. What it does not know is put in the nearest form that it does; a link is its words and its address. It has
 * no way to escape a mark. A text that is nothing but marks is shown as it is.
 */
export function renderWhatsApp(markdown: string): string {
  if (isOvermarked(markdown)) return markdown;
  return blocks(parseMarkdown(markdown).children, '\n\n');
}

/** Bounded and within one line: thousands of line ends must cost no more than other texts. */
const TABLE_RULE = /^[ \t]{0,20}\|?[ \t]{0,20}:?-{1,200}:?[ \t]{0,20}\|/m;

/**
 * A text that is at least as long as what WhatsApp is sent for this Markdown. Only tables get much longer; else a line
 * gets two characters more at most (a mark at both ends, a quote's mark, a blank line before a list), and a code block
 * that is not closed four. Parsing for each cut that is tried takes far longer.
 */
export function longestSaid(markdown: string): string {
  if (TABLE_RULE.test(markdown)) return `${renderWhatsApp(markdown)}${' '.repeat(8)}`;
  return `${markdown.replaceAll('\n', '\n  ')}${' '.repeat(8)}`;
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
      return node.value;
    case 'paragraph':
      return inline(node.children);
    case 'heading':
      return marked('*', inline(node.children).replaceAll('*', ''));
    case 'strong':
      return marked('*', inline(node.children));
    case 'emphasis':
      return marked('_', inline(node.children));
    case 'delete':
      return marked('~', inline(node.children));
    case 'inlineCode':
      return `\`${node.value}\``;
    case 'code':
      return codeBlock(node.value, [node.lang, node.meta].filter(Boolean).join(' '));
    case 'table':
      return codeBlock(tableToAscii(node), '');
    case 'link':
      return link(node.url, inline(node.children));
    case 'image':
      return link(node.url, node.alt || node.url);
    case 'list':
      return node.children
        .map((item, index) => listItem(item, node.ordered ? `${(node.start ?? 1) + index}.` : '-'))
        .join('\n');
    case 'blockquote':
      return blocks(node.children, '\n').replace(/^/gm, '> ');
    case 'thematicBreak':
      return '———';
    case 'break':
      return '\n';
    case 'linkReference':
      return inline(node.children);
    case 'imageReference':
      return node.alt ?? '';
    case 'definition':
      return `[${node.label ?? node.identifier}]: ${node.url}`;
    case 'footnoteReference':
      return `[${node.label ?? node.identifier}]`;
    case 'footnoteDefinition':
      return `[${node.label ?? node.identifier}] ${blocks(node.children, '\n')}`;
    case 'listItem':
      return listItem(node, '-');
    default:
      return '';
  }
}

/** A mark holds on its line only, and not around blanks. */
const marked = (mark: string, text: string) =>
  text
    .split('\n')
    .map((line) =>
      line.trim() === '' ? line : line.replace(line.trim(), () => `${mark}${line.trim()}${mark}`),
    )
    .join('\n');

/** A language behind the fence would be shown as the first line of the code. */
function codeBlock(code: string, info: string): string {
  const shown = info === '' || /^[\w+#.-]{1,40}$/.test(info) ? code : `${info}\n${code}`;
  return `\`\`\`\n${shown}\n\`\`\``;
}

const link = (url: string, label: string) => (label === url ? url : `${label} (${url})`);

function listItem(item: Extract<Node, { type: 'listItem' }>, bullet: string): string {
  const box = item.checked === true ? '☑ ' : item.checked === false ? '☐ ' : '';
  return `${bullet} ${box}${blocks(item.children, '\n').replace(/\n(?=.)/g, '\n  ')}`;
}
