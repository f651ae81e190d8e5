import type { TestCase } from 'vitest/node';

const SUITE = /^channel contract: (.+)$/;
const NOT_HERE = /^(.*) \(not here: (.*)\)$/;

type Outcome = 'passed' | 'failed' | { cannot: string };

/** The contract suite's result, by case, then by channel. */
export interface ContractTable {
  channels: string[];
  cases: Map<string, Map<string, Outcome>>;
}

export function tableOf(tests: readonly TestCase[]): ContractTable {
  const channels = new Set<string>();
  const cases: ContractTable['cases'] = new Map();
  for (const test of tests) {
    const channel = test.parent.type === 'suite' ? SUITE.exec(test.parent.name)?.[1] : undefined;
    if (!channel) continue;
    channels.add(channel);
    const [, name = test.name, cannot] = NOT_HERE.exec(test.name) ?? [];
    const row = cases.get(name) ?? new Map<string, Outcome>();
    cases.set(name, row.set(channel, cannot === undefined ? outcomeOf(test) : { cannot }));
  }
  return { channels: [...channels].sort(), cases };
}

const outcomeOf = (test: TestCase): Outcome => (test.result().state === 'passed' ? 'passed' : 'failed');

/** Every channel has every case, and none failed. */
export function isWhole({ channels, cases }: ContractTable): boolean {
  const outcomes = [...cases.values()].flatMap((row) => channels.map((channel) => row.get(channel)));
  return outcomes.every((outcome) => outcome !== undefined && outcome !== 'failed');
}

/** Lines of Markdown; what a channel cannot have gets a number, and the reasons follow in their order. */
export function renderTable({ channels, cases }: ContractTable): string[] {
  const reasons: string[] = [];
  const cell = (channel: string, outcome: Outcome | undefined): string => {
    if (outcome === undefined) return 'MISSING';
    if (outcome === 'passed') return 'yes';
    if (outcome === 'failed') return 'FAILS';
    const note = `${channel}: ${outcome.cannot}`;
    if (!reasons.includes(note)) reasons.push(note);
    return `(${reasons.indexOf(note) + 1})`;
  };
  const rows = [...cases].map(([name, row]) => [name, ...channels.map((one) => cell(one, row.get(one)))]);
  return [
    ...markdownTable(['case', ...channels], rows),
    '',
    ...reasons.map((note, at) => `(${at + 1}) ${note}  `),
  ];
}

export function markdownTable(head: string[], rows: string[][]): string[] {
  const widths = head.map((cell, at) => Math.max(3, cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}
