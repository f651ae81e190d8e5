import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';
import { channels } from '../../src/channels/catalog/index.js';
import { channelsDocument } from './report/document.js';
import { isWhole, renderTable, tableOf } from './report/table.js';

const DOCUMENT = fileURLToPath(new URL('../../docs/channels.md', import.meta.url));

/**
 * Prints, after everything else, the table channel × case of the contract suite. Where the whole suite ran and passed,
 * `docs/channels.md` must say the same; with WHARFIE_WRITE_DOCS=1 it is written instead.
 */
export default class ContractReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const table = tableOf(modules.flatMap((module) => [...module.children.allTests()]));
    if (table.channels.length === 0) return;
    process.stdout.write(`\n${renderTable(table).join('\n')}\n`);
    const partial = table.channels.length < Object.keys(channels).length;
    if (partial || !isWhole(table)) return;
    const wanted = channelsDocument(Object.values(channels), table);
    if (process.env.WHARFIE_WRITE_DOCS === '1') writeFileSync(DOCUMENT, wanted);
    const found = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
    if (found === wanted) return;
    process.stdout.write('\ndocs/channels.md is out of date: WHARFIE_WRITE_DOCS=1 npm run test:channels\n');
    process.exitCode = 1;
  }
}
