import { type Fence, fenceAfterLine } from '../split/fences.js';

const TABLE_ROW = /^\s*\|.*\|\s*$/;
const TABLE_RULE = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

/**
 * Markdown as Discord shows it. It knows most of it; what it does not know is put in the nearest form that it does:
 * a table in a code block, a deep heading in bold, an image as a link. Code is left alone.
 */
export function renderDiscordMarkdown(markdown: string): string {
  const lines = markdown.split('\n');
  const shown: string[] = [];
  let fence: Fence | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const before: Fence | null = fence;
    fence = fenceAfterLine(fence, line);
    if (before !== null || fence !== null) {
      shown.push(line);
      continue;
    }
    const table = tableAt(lines, at);
    if (table > 0) {
      shown.push('```', ...alignTable(lines.slice(at, at + table)), '```');
      at += table - 1;
      continue;
    }
    shown.push(renderLine(line));
  }
  return shown.join('\n');
}

/** Bounded, and sure of where a link ends: an agent may write a line that makes an expression try for hours. */
const IMAGE = /!\[([^\]\n]{0,300})\]\((https?:[^)\s]{1,2000})(?=[)\s])[^)\n]{0,300}\)/g;

function renderLine(line: string): string {
  return boldHeading(line).replace(IMAGE, (_, alt: string, url: string) => (alt ? `[${alt}](${url})` : url));
}

function boldHeading(line: string): string {
  const [marks] = /^#{4,6}\s+/.exec(line) ?? [];
  if (marks === undefined) return line;
  const text = line.slice(marks.length).trimEnd();
  let end = text.length;
  while (text[end - 1] === '#') end -= 1;
  const heading = text.slice(0, end).trimEnd();
  return heading === '' ? line : `**${heading}**`;
}

/** How many lines the table that begins here has; 0: none does. */
function tableAt(lines: readonly string[], at: number): number {
  if (!TABLE_ROW.test(lines[at] ?? '') || !TABLE_RULE.test(lines[at + 1] ?? '')) return 0;
  let end = at + 2;
  while (TABLE_ROW.test(lines[end] ?? '')) end += 1;
  return end - at;
}

function alignTable(rows: readonly string[]): string[] {
  const cells = rows.map((row) =>
    row
      .trim()
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  );
  const [head = [], , ...body] = cells;
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => (row[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)];
}
