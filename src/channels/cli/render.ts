import type { OutboundFile, OutboundPart } from '../adapter.js';

/**
 * How a part looks in a terminal. Escape sequences of an agent's text do not reach it. `keep` stores a file and
 * tells where it lies.
 */
export function renderPart(part: OutboundPart, keep: (file: OutboundFile) => string): string {
  return printable(partText(part, keep));
}

function partText(part: OutboundPart, keep: (file: OutboundFile) => string): string {
  switch (part.type) {
    case 'text':
      return [part.text, ...part.files.map((file) => `[file] ${file.name}: ${keep(file)}`)]
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
