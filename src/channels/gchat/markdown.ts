import { type Fence, fenceAfterLine } from '../split/fences.js';

const INLINE_CODE = /(?<!`)(`+)(?!`)[^`\n]{1,500}\1(?!`)/g;

/** Markdown in Google Chat's own markup (developers.google.com/workspace/chat/format-messages), line by line. */
export function renderGoogleChatText(markdown: string): string {
  let fence: Fence | null = null;
  const lines = markdown.split('\n').map((line) => {
    const before = fence;
    fence = fenceAfterLine(fence, line);
    if (before === null && fence === null) return renderLine(line);
    if (before === null) return `\`\`\`${wordsOf(line)}`;
    if (fence === null) return '```';
    return line;
  });
  return withoutMentions(lines.join('\n'));
}

/** What stands behind a fence: the name of a language would be shown as code, and is left out; words are not. */
function wordsOf(opening: string): string {
  const info = opening.replace(/^[ \t]*(?:`{3,}|~{3,})/, '').trim();
  return /^[\w+#.-]{0,40}$/.test(info) ? '' : `\n${info}`;
}

/** The code in it stays as it is. */
function renderLine(line: string): string {
  let rendered = '';
  let end = 0;
  for (const match of line.matchAll(INLINE_CODE)) {
    rendered += renderProse(line.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  rendered += renderProse(line.slice(end));
  const heading = /^#{1,6} +(\S.*)$/.exec(rendered)?.[1];
  return heading === undefined ? rendered : `*${heading.replaceAll('*', '')}*`;
}

/** Bold stands in for its stars while those of italics are looked for. */
const BOLD = '\u{E000}';

function renderProse(text: string): string {
  return text
    .replaceAll(BOLD, '')
    .replace(/!?\[([^\][\n]{1,500})\]\((https?:\/\/[^\s()<>|]{1,2000})\)/g, '<$2|$1>')
    .replace(/\*\*(?=\S)([^*\n]{1,2000})\*\*/g, `${BOLD}$1${BOLD}`)
    .replace(/(?<![\w*])\*(?=[^\s*])([^*\n]{1,2000})\*(?![\w*])/g, '_$1_')
    .replace(/~~(?=\S)([^~\n]{1,2000})~~/g, '~$1~')
    .replaceAll(BOLD, '*');
}

/** On an agent's word nobody calls a whole space, nor anybody in it by the number of their account. */
export function withoutMentions(text: string): string {
  return text.replace(/<users\/([\w.@-]{1,200})>/gi, '@$1').replace(/<(?=users\/)/gi, '‹');
}
