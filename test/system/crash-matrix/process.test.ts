import { afterAll, describe, expect, it } from 'vitest';
import { cells } from './cells.js';
import { runCell } from './matrix.js';
import { table } from './print.js';

const rows: Record<string, string | number>[] = [];
afterAll(() => console.log(`\n${table(rows)}\n`));

describe.concurrent('a process dies, is started again, and nothing is lost, doubled or out of order', () => {
  it.each(cells)('$point #$passage ($channel)', { timeout: 120_000 }, async (cell) => {
    const row = await runCell(cell);
    const { sent, answered, lost, doubled, outOfOrder, unknown } = row;
    const name = `${cell.point} #${cell.passage}`;
    rows.push({
      point: name,
      channel: cell.channel,
      engine: 'process',
      sent,
      answered,
      lost,
      doubled,
      outOfOrder,
      unknown,
    });
    const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, dead: 0, failed: 0 };
    expect(row).toMatchObject({ ...nothing, unknown: cell.unknown });
  });
});
