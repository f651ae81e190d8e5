export type TableRow = Record<string, string | number>;

/** A table in plain text, one line a row. */
export function table(rows: readonly TableRow[]): string {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  ');
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name] ?? '')))].join('\n');
}

const pad = (cell: string | number, width: number) =>
  typeof cell === 'number' ? String(cell).padStart(width) : cell.padEnd(width);
