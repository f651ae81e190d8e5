import type { Reporter, TestCase, TestModule } from 'vitest/node';

const SUITE = /^channel contract: (.+)$/;
const OUTCOMES: Readonly<Record<string, string>> = { passed: 'yes', failed: 'FAILS' };
const NOT_HERE = /^(.*) \(not here: (.*)\)$/;

interface Table {
  channels: string[];
  /** By case, then by channel. */
  cases: Map<string, Map<string, string>>;
  /** Why a channel cannot have a case. */
  reasons: string[];
}

/** Prints, after everything else, the table channel × case of the contract suite. */
export default class ContractTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const table = tableOf(modules.flatMap((module) => [...module.children.allTests()]));
    if (table.channels.length > 0) process.stdout.write(`\n${render(table).join('\n')}\n`);
  }
}

function tableOf(tests: readonly TestCase[]): Table {
  const table: Table = { channels: [], cases: new Map(), reasons: [] };
  for (const test of tests) {
    const channel = test.parent.type === 'suite' ? SUITE.exec(test.parent.name)?.[1] : undefined;
    if (!channel) continue;
    if (!table.channels.includes(channel)) table.channels.push(channel);
    const [, name = test.name, reason] = NOT_HERE.exec(test.name) ?? [];
    const row = table.cases.get(name) ?? new Map<string, string>();
    table.cases.set(name, row);
    if (reason === undefined) row.set(channel, OUTCOMES[test.result().state] ?? '-');
    else row.set(channel, `(${noteOf(table, channel, reason)})`);
  }
  table.channels.sort();
  return table;
}

function noteOf({ reasons }: Table, channel: string, reason: string): number {
  const note = `${channel}: ${reason}`;
  if (!reasons.includes(note)) reasons.push(note);
  return reasons.indexOf(note) + 1;
}

function render({ channels, cases, reasons }: Table): string[] {
  const longest = Math.max(...[...cases.keys()].map((name) => name.length));
  const line = (first: string, rest: readonly string[]) =>
    `| ${[first.padEnd(longest), ...rest.map((cell, at) => cell.padEnd(channels[at]?.length ?? 0))].join(' | ')} |`;
  return [
    line('case', channels),
    line(
      '-'.repeat(longest),
      channels.map((channel) => '-'.repeat(channel.length)),
    ),
    ...[...cases].map(([name, row]) =>
      line(
        name,
        channels.map((channel) => row.get(channel) ?? 'MISSING'),
      ),
    ),
    '',
    ...reasons.map((note, at) => `(${at + 1}) ${note}`),
  ];
}
