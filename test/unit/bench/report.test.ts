import { describe, expect, it } from 'vitest';
import { type Figure, isMet, ratioOf } from '../../../scripts/bench/lib/figure.js';
import { reportText } from '../../../scripts/bench/lib/report.js';
import { figureNotes, figureTable, shown } from '../../../scripts/bench/lib/table.js';

const summary = (p50: number) => ({ n: 10, p50, p99: p50 * 2 });
const figure = (changes: Partial<Figure>): Figure => ({
  ...{ what: 'a trip', unit: 'ms', subject: summary(20), aim: { atMost: 2.5 } },
  floor: { what: 'a bare one', value: summary(10) },
  ...changes,
});

describe('a figure', () => {
  it('meets its aim by its ratio, or by itself where it has no floor', () => {
    expect([ratioOf(figure({})), isMet(figure({}))]).toEqual([2, true]);
    expect(isMet(figure({ subject: summary(26) }))).toBe(false);
    expect(isMet(figure({ aim: { atLeast: 2 } }))).toBe(true);
    expect(isMet(figure({ aim: { atLeast: 2.1 } }))).toBe(false);
    expect(isMet(figure({ floor: null, subject: 3 }))).toBe(false);
    expect(isMet(figure({ floor: null, subject: 2 }))).toBe(true);
    expect(isMet(figure({ aim: null }))).toBeNull();
  });
});

describe('the table', () => {
  it('has a line for each figure, aligned, and says plainly what is missed', () => {
    const lines = figureTable([figure({}), figure({ what: 'another trip', subject: summary(30) })]).split(
      '\n',
    );
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    const cells = lines.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    expect(cells[2]).toEqual(['a trip', 'ms', '20.0', '40.0', '10.0', '20.0', '2.00', '≤ 2.5', 'yes']);
    expect(cells[3]?.at(-1)).toBe('**no**');
  });

  it('shows three digits', () => {
    expect([0, 0.01234, 1.2345, 12.345, 123.45, 12_345].map(shown)).toEqual([
      '0',
      '0.012',
      '1.23',
      '12.3',
      '123',
      '12345',
    ]);
  });

  it('tells under it what each figure is measured against', () => {
    const notes = figureNotes([figure({ note: '10 rounds' }), figure({ floor: null, what: 'bare' })]);
    expect(notes).toBe('- **a trip**: against a bare one; 10 rounds.');
  });
});

describe('the report', () => {
  it('names the machine, what was skipped, and every plot', () => {
    const text = reportText({
      figures: [figure({})],
      plots: [{ name: 'growth', title: 'Growth', x: 'x', y: 'y', series: [] }],
      skipped: ['cold: no engine'],
      machine: ['2 × a processor'],
      quick: true,
    });
    expect(text).toContain('- 2 × a processor\n- a tenth of the usual rounds');
    expect(text).toContain('Skipped: cold: no engine.');
    expect(text).toContain('![Growth](performance/growth.svg)');
    expect(text).toContain('| a trip');
  });
});
