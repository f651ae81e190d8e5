import { type Figure, isMet, ratioOf } from './figure.js';
import type { Summary } from './stats.js';

const HEAD = ['figure', 'unit', 'p50', 'p99', 'floor p50', 'floor p99', 'ratio', 'aim', 'met'];

/** The figures as a Markdown table, aligned so that a terminal shows it as well. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** What each figure is measured against, and what else there is to say of it. */
export function figureNotes(figures: readonly Figure[]): string {
  return figures
    .flatMap(({ what, floor, note }) => {
      const parts = [floor && `against ${floor.what}`, note].filter(Boolean);
      return parts.length > 0 ? [`- **${what}**: ${parts.join('; ')}.`] : [];
    })
    .join('\n');
}

function cells(figure: Figure): string[] {
  const ratio = ratioOf(figure);
  const met = isMet(figure);
  return [
    figure.what,
    figure.unit,
    ...both(figure.subject),
    ...(figure.floor === null ? ['', ''] : both(figure.floor.value)),
    ratio === null ? '' : ratio.toFixed(2),
    aimOf(figure),
    met === null ? '' : met ? 'yes' : '**no**',
  ];
}

function aimOf({ aim }: Figure): string {
  if (aim === null) return '';
  return 'atMost' in aim ? `≤ ${aim.atMost}` : `≥ ${aim.atLeast}`;
}

function both(value: number | Summary): [string, string] {
  return typeof value === 'number' ? [shown(value), ''] : [shown(value.p50), shown(value.p99)];
}

/** Three digits that count. */
export function shown(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 3));
}
