import minimist from 'minimist';
import { type Figure, NotHere } from './lib/figure.js';
import type { Plot } from './lib/plot.js';
import { writeReport } from './lib/report.js';
import { figureNotes, figureTable } from './lib/table.js';
import { benches } from './list.js';

const USAGE = 'npm run bench [-- <name>…] [--quick] [--write]';

/**
 * Measures what this program costs, each figure beside its floor from the same run. Asserts nothing: a figure that
 * misses its aim says so. `--quick` takes a tenth of the rounds; `--write` makes docs/performance.md anew.
 */
async function main(argv: string[]): Promise<number> {
  const { _: names, quick, write, ...unknown } = minimist(argv, { boolean: ['quick', 'write'] });
  const wanted = benches.filter((bench) => names.length === 0 || names.includes(bench.name));
  const strange = [
    ...names.filter((name) => !benches.some((bench) => bench.name === name)),
    ...Object.keys(unknown),
  ];
  if (strange.length > 0 || (write && names.length > 0)) {
    const known = benches.map((bench) => `  ${bench.name.padEnd(10)} ${bench.summary}`).join('\n');
    const why = strange.length > 0 ? `Unknown: ${strange.join(', ')}.` : '--write needs every bench.';
    console.error(`${why}\nUsage: ${USAGE}\n${known}`);
    return 4;
  }
  const figures: Figure[] = [];
  const plots: Plot[] = [];
  const skipped: string[] = [];
  for (const bench of wanted) {
    console.log(`\n${bench.name}: ${bench.summary}`);
    try {
      const found = await bench.run({ factor: quick ? 0.1 : 1 });
      console.log(`${figureTable(found.figures)}\n${figureNotes(found.figures)}`);
      figures.push(...found.figures);
      plots.push(...(found.plots ?? []));
      skipped.push(...(found.skipped ?? []));
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      skipped.push(`${bench.name}: ${error.message}`);
      console.log(`SKIPPED: ${error.message}`);
    }
  }
  if (wanted.length > 1) console.log(`\nAll figures\n${figureTable(figures)}`);
  if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.join('\n')}`);
  if (write) await writeReport({ figures, plots, skipped, quick });
  return 0;
}

process.exit(await main(process.argv.slice(2)));
