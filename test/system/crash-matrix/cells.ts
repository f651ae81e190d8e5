import { type Asked, echo, longReply, sendThenReply } from './tally.js';

/** One row of the matrix: where a process dies, at which passage, and what the chat is talking about then. */
export interface Cell {
  point: string;
  /** The first passage is that of the first message of a new conversation. */
  passage: number;
  channel: 'discord' | 'cli';
  asks: (mark: string) => Asked;
  /** Nobody says anything more: what was taken in must be answered without a push from outside. */
  quiet: boolean;
  /** Deliveries of which nobody can know whether they arrived: the terminal has neither idempotency nor history. */
  unknown: number;
}

type Rest = Partial<Pick<Cell, 'passage' | 'asks' | 'quiet' | 'unknown'>>;
const cell = (channel: Cell['channel'], point: string, rest: Rest = {}): Cell => ({
  point,
  channel,
  passage: 1,
  asks: echo,
  quiet: false,
  unknown: 0,
  ...rest,
});

export const cells: Cell[] = [
  cell('discord', 'intake:before-commit'),
  cell('discord', 'intake:before-commit', { passage: 2 }),
  cell('discord', 'intake:after-commit', { quiet: true }),
  cell('discord', 'wake:before-start'),
  cell('discord', 'wake:after-start', { quiet: true }),
  cell('discord', 'runner:after-claim'),
  cell('discord', 'runner:mid-turn-after-send', { asks: sendThenReply }),
  cell('discord', 'runner:before-commit', { asks: sendThenReply }),
  cell('discord', 'runner:after-commit'),
  cell('discord', 'delivery:before-send'),
  cell('discord', 'delivery:after-send'),
  cell('discord', 'delivery:after-send', { passage: 2, asks: longReply }),
  cell('discord', 'delivery:after-mark', { passage: 2, asks: longReply }),
  cell('cli', 'intake:before-commit'),
  cell('cli', 'delivery:before-send', { unknown: 1 }),
  cell('cli', 'delivery:after-send', { unknown: 1 }),
  cell('cli', 'delivery:after-mark'),
];

/** Each point once: what `npm test` has time for. `npm run test:slow` has them all. */
export const onePerPoint: Cell[] = cells.filter(
  (one) => cells.find((other) => other.point === one.point) === one,
);

/** The runner's points fire in its first incarnation only: the next one has the same environment. */
export function armed({ point, passage }: Cell): Record<string, string> {
  const at = `${point}#${passage}`;
  return isOfRunner(point) ? { WHARFIE_RUNNER_CRASH_AT: `${at}@1` } : { WHARFIE_CRASH_AT: at };
}

export const isOfRunner = (point: string): boolean => point.startsWith('runner:');

/** Where a host can be told to die. */
export const hostPoints = [...new Set(cells.map((one) => one.point))].filter((point) => !isOfRunner(point));
