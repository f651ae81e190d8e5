import type { OutboundFile, OutboundPart } from '../adapter.js';

/**
 * How a part looks in a terminal. Escape sequences of an agent's text do not reach it. `keep` stores a file,
 * given with its place among the part's files, and tells where it lies.
 */
export function renderPart(part: OutboundPart, keep: (file: OutboundFile, index: number) => string): string {
  return printable(partText(part, keep));
}

function partText(part: OutboundPart, keep: (file: OutboundFile, index: number) => string): string {
  switch (part.type) {
    case 'text':
      return [part.text, ...part.files.map((file, index) => `[file] ${file.name}: ${keep(file, index)}`)]
        .filter((line) => line !== '')
        .join('\n');
    case 'edit':
      return `(edited) ${part.text}`;
    case 'reaction':
      return `(reacts with ${part.emoji})`;
    case 'question':
      return [
        part.title,
        part.question,
        ...part.options.map((option, index) => `  ${index + 1}. ${option.label}`),
        'Answer with a number.',
      ]
        .filter((line) => line !== '')
        .join('\n');
    case 'card':
      return part.fallbackText;
  }
}

/** Without control characters other than newline and tab: no text may drive the reader's terminal. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '');
}
