import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeRoot } from '../../../src/config.js';
import { prepareDocker } from './docker.js';
import type { Figure } from './figure.js';
import { describeMachine } from './machine.js';
import { type Plot, renderPlot } from './plot.js';
import { figureNotes, figureTable } from './table.js';

/** Makes docs/performance.md and its plots anew. */
export async function writeReport(found: {
  figures: readonly Figure[];
  plots: readonly Plot[];
  skipped: readonly string[];
  quick: boolean;
}): Promise<void> {
  const docs = path.join(codeRoot, 'docs');
  mkdirSync(path.join(docs, 'performance'), { recursive: true });
  for (const plot of found.plots) {
    writeFileSync(path.join(docs, 'performance', `${plot.name}.svg`), renderPlot(plot));
  }
  const engine = await prepareDocker().then(
    (docker) => docker.about,
    () => null,
  );
  writeFileSync(
    path.join(docs, 'performance.md'),
    reportText({ ...found, machine: describeMachine(engine) }),
  );
}

export function reportText(found: {
  figures: readonly Figure[];
  plots: readonly Plot[];
  skipped: readonly string[];
  machine: readonly string[];
  quick: boolean;
}): string {
  const skipped = found.skipped.length === 0 ? '' : `\nSkipped: ${found.skipped.join('; ')}.\n`;
  const quick = found.quick ? '- a tenth of the usual rounds (`--quick`): the ratios are rough\n' : '';
  return `# What it costs

Made by \`npm run bench -- --write\`, never by hand. Each figure stands beside its floor from the same run, measured in
turns, so that what else the machine did hits both; the ratio is of the medians. Nothing here is asserted by a test.

Measured on:

${found.machine.map((line) => `- ${line}`).join('\n')}
${quick}${skipped}
${figureTable(found.figures)}

What is measured, and against what:

${figureNotes(found.figures)}

## How it grows

${found.plots.map((plot) => `![${plot.title}](performance/${plot.name}.svg)`).join('\n\n')}

Where an aim is missed, [decision 023](decisions/023-what-the-benchmarks-found.md) says why. Where the time of real
messages goes, the program measures itself: \`./wharfie status\` (\`TIMES_MS\`), and the line
\`answered\` of each message in the log.
`;
}
