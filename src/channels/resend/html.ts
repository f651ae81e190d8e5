import { parseMarkdown } from 'chat';
import { isOvermarked } from '../split/overmarked.js';

type Root = ReturnType<typeof parseMarkdown>;
type Node = Root['children'][number];

/** Markdown as the HTML of a mail. HTML that an agent writes is shown, not read. A text of nothing but marks stays one. */
export function renderMailHtml(markdown: string): string {
  if (isOvermarked(markdown)) return `<pre>${escapeHtml(markdown)}</pre>`;
  return all(parseMarkdown(markdown).children);
}

const escapeHtml = (text: string) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const all = (nodes: readonly Node[]): string => nodes.map((node) => render(node)).join('');
const tag = (name: string, nodes: readonly Node[]) => `<${name}>${all(nodes)}</${name}>`;

function render(node: Node): string {
  switch (node.type) {
    case 'text':
    case 'html':
      return escapeHtml(node.value);
    case 'paragraph':
      return tag('p', node.children);
    case 'heading':
      return tag(`h${node.depth}`, node.children);
    case 'strong':
      return tag('strong', node.children);
    case 'emphasis':
      return tag('em', node.children);
    case 'delete':
      return tag('del', node.children);
    case 'inlineCode':
      return `<code>${escapeHtml(node.value)}</code>`;
    case 'code':
      return `<pre><code>${escapeHtml(node.value)}</code></pre>`;
    case 'link':
      return link(node.url, all(node.children));
    case 'image':
      return link(node.url, escapeHtml(node.alt || node.url));
    case 'list':
      return tag(node.ordered ? 'ol' : 'ul', node.children);
    case 'listItem':
      return `<li>${node.checked === true ? '☑ ' : node.checked === false ? '☐ ' : ''}${all(node.children)}</li>`;
    case 'blockquote':
      return tag('blockquote', node.children);
    case 'table':
      return `<table border="1" cellpadding="4">${all(node.children)}</table>`;
    case 'tableRow':
      return tag('tr', node.children);
    case 'tableCell':
      return tag('td', node.children);
    case 'thematicBreak':
      return '<hr>';
    case 'break':
      return '<br>';
    case 'linkReference':
      return all(node.children);
    case 'imageReference':
      return escapeHtml(node.alt ?? '');
    case 'definition':
      return `<p>${escapeHtml(`[${node.label ?? node.identifier}]: `)}${link(node.url, escapeHtml(node.url))}</p>`;
    case 'footnoteReference':
      return escapeHtml(`[${node.label ?? node.identifier}]`);
    case 'footnoteDefinition':
      return `<div>${escapeHtml(`[${node.label ?? node.identifier}] `)}${all(node.children)}</div>`;
    default:
      return '';
  }
}

/** Only addresses that a mail program may open become links; of others the address is shown. */
function link(url: string, label: string): string {
  const shown = escapeHtml(url);
  if (!/^(?:https?|mailto|tel):/i.test(url)) return label === shown ? label : `${label} (${shown})`;
  return `<a href="${shown}">${label}</a>`;
}
