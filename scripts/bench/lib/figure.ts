import type { Plot } from './plot.js';
import type { Summary } from './stats.js';

/** One line of the table. */
export interface Figure {
  what: string;
  unit: 'ms' | 'MB' | '%' | '/s';
  subject: number | Summary;
  /** What it is measured against, in the same run; null: against its aim alone. */
  floor: { what: string; value: number | Summary } | null;
  /** On the ratio of the medians where there is a floor, else on the median. Null: shown without an aim. */
  aim: { atMost: number } | { atLeast: number } | null;
  note?: string;
}

export interface BenchResult {
  figures: Figure[];
  plots?: Plot[];
  /** Parts that could not be measured, a sentence each. */
  skipped?: string[];
}

/** What is missing on this machine; the bench is named as skipped, with this sentence. */
export class NotHere extends Error {}

export interface Bench {
  name: string;
  summary: string;
  /** `rounds`: a factor on how often things are measured; 1 as the table in docs/performance.md was made. */
  run(options: { factor: number }): Promise<BenchResult>;
}

const medianOf = (value: number | Summary): number => (typeof value === 'number' ? value : value.p50);

export function ratioOf({ subject, floor }: Figure): number | null {
  return floor === null ? null : medianOf(subject) / medianOf(floor.value);
}

/** Null: there is no aim. */
export function isMet(figure: Figure): boolean | null {
  const { aim } = figure;
  if (aim === null) return null;
  const value = ratioOf(figure) ?? medianOf(figure.subject);
  return 'atMost' in aim ? value <= aim.atMost : value >= aim.atLeast;
}
