import { afterAll, describe, expect, it } from 'vitest';
import { type Cell, nameOf } from './cells.js';
import { type CellOptions, runCell } from './matrix.js';
import { type TableRow, table } from './print.js';

const LONGEST_MS = 120_000;
const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, dead: 0, failed: 0 };

/** The crash matrix on one engine; prints its table at the end. */
export function crashMatrix(engine: string, cells: readonly Cell[], options?: CellOptions): void {
  const rows = new Map<Cell, TableRow>();
  afterAll(() =>
    console.log(`\n${table(cells.map((cell) => rows.get(cell)).filter((row) => row !== undefined))}\n`),
  );

  describe.concurrent(`crash matrix, ${engine}: nothing lost, doubled or out of order`, () => {
    it.each(cells.map((cell) => [nameOf(cell), cell] as const))(
      '%s',
      { timeout: LONGEST_MS },
      async (name, cell) => {
        const row = await runCell(cell, options);
        const { sent, answered, lost, doubled, outOfOrder, unknown, unheard } = row;
        rows.set(cell, { cell: name, engine, sent, answered, lost, doubled, outOfOrder, unknown, unheard });
        const expected = { ...nothing, unknown: cell.unknown, unheard: cell.unheard ?? unheard };
        expect(row).toMatchObject(expected);
      },
    );
  });
}
