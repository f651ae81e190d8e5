import { type Asked, echo, longReply, onlyFirst, sendThenReply } from './tally.js';

/** One row of the matrix: where a process dies, at which passage, and what the chat is talking about then. */
export interface Cell {
  point: string;
  /** The first passage is that of the first message of a new conversation. */
  passage: number;
  channel:
    | 'discord'
    | 'cli'
    | 'telegram'
    | 'slack'
    | 'slack by webhook'
    | 'github'
    | 'linear'
    | 'gchat'
    | 'teams'
    | 'whatsapp-cloud'
    | 'resend';
  asks: (mark: string) => Asked;
  /** Nobody says anything more: what was taken in must be answered without a push from outside. */
  quiet: boolean;
  /** Deliveries of which nobody can know whether they arrived: the terminal has neither idempotency nor history. */
  unknown: number;
  /** Messages that a platform which tells nothing twice told in vain; null: that hangs on how quick the death is. */
  unheard: number | null;
  /** So much time goes by before the next start, in milliseconds: platforms forget keys. */
  later: number;
}

type Rest = Partial<Omit<Cell, 'channel' | 'point'>>;
const cell = (channel: Cell['channel'], point: string, rest: Rest = {}): Cell => ({
  point,
  channel,
  passage: 1,
  asks: echo,
  quiet: false,
  unknown: 0,
  unheard: 0,
  later: 0,
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
  cell('discord', 'delivery:after-send', { passage: 2, asks: longReply() }),
  cell('discord', 'delivery:after-mark', { passage: 2, asks: longReply() }),
  // Its key is forgotten by then, here and there: the history tells.
  cell('discord', 'delivery:before-send', { later: 10 * 60_000 }),
  cell('discord', 'delivery:after-send', { later: 10 * 60_000 }),
  cell('cli', 'intake:before-commit'),
  cell('cli', 'delivery:before-send', { unknown: 1 }),
  cell('cli', 'delivery:after-send', { unknown: 1 }),
  cell('cli', 'delivery:after-mark'),
];

/** What a channel has to do with: between the platform's event and its acknowledgement, between a send and its record. */
const forChannel = (channel: Cell['channel'], unknown: number, long: Cell['asks'] | null): Cell[] => [
  cell(channel, 'intake:before-commit'),
  cell(channel, 'intake:before-commit', { passage: 2 }),
  cell(channel, 'intake:after-commit', { quiet: true }),
  cell(channel, 'delivery:before-send', { unknown }),
  cell(channel, 'delivery:after-send', { unknown }),
  ...(long ? [cell(channel, 'delivery:after-send', { unknown, passage: 2, asks: long })] : []),
  cell(channel, 'delivery:after-mark'),
];

/**
 * The same of a platform that calls once. Told in vain are the message whose host dies before it is durable, what is
 * said behind it, and what is said in both chats while there is no host.
 */
const calledOnce = (channel: Cell['channel'], unknown: number, long: Cell['asks'] | null): Cell[] =>
  forChannel(channel, unknown, long).map((one) => {
    if (one.quiet) return one;
    return { ...one, unheard: one.point === 'intake:before-commit' ? 5 - one.passage : null };
  });

const called = (channel: Cell['channel'], asks: Cell['asks'] = echo): Cell[] => [
  cell(channel, 'intake:before-commit', { asks }),
  cell(channel, 'intake:after-commit', { asks, quiet: true }),
  cell(channel, 'delivery:before-send', { asks }),
  cell(channel, 'delivery:after-send', { asks }),
];

/** More than one comment of GitHub holds, and all but what an agent may say at once. */
const longOnGitHub = onlyFirst(longReply(32_700));

/** Channels whose packages are not the root's: `npm run test:channels` has these. */
export const channelCells: Cell[] = [
  // No idempotency and no history: what may have arrived is not sent again unless somebody asks for it.
  ...forChannel('telegram', 1, longReply(3800)),
  ...forChannel('slack', 0, longReply(11_000)),
  // Called by their platforms: a call whose answer never comes is made again, or (GitHub) never.
  ...called('slack by webhook'),
  ...called('github', longOnGitHub),
  cell('github', 'delivery:after-mark', { asks: longOnGitHub }),
  ...forChannel('linear', 0, onlyFirst(longReply(29_000))),
  ...calledOnce('gchat', 0, longReply(3900)),
  // Its key is not trusted for so long, and it has no history.
  cell('gchat', 'delivery:after-send', { later: 10 * 60_000, unknown: 1, unheard: null }),
  ...calledOnce('teams', 1, longReply(9800)),
  ...forChannel('whatsapp-cloud', 1, longReply(3800)),
  // One mail takes all that an agent says.
  ...forChannel('resend', 0, null),
];

/** Each point once: what `npm test` has time for. `npm run test:slow` has them all. */
export const onePerPoint: Cell[] = cells.filter(
  (one) => cells.find((other) => other.point === one.point) === one,
);

export function nameOf({ channel, point, passage, later }: Cell): string {
  const when = later === 0 ? '' : `, started again ${later / 60_000} minutes later`;
  return `${channel}, ${point} #${passage}${when}`;
}

/** The runner's points fire in its first incarnation only: the next one has the same environment. */
export function armed({ point, passage }: Cell): Record<string, string> {
  const at = `${point}#${passage}`;
  return isOfRunner(point) ? { WHARFIE_RUNNER_CRASH_AT: `${at}@1` } : { WHARFIE_CRASH_AT: at };
}

export const isOfRunner = (point: string): boolean => point.startsWith('runner:');

/** Where a host can be told to die. */
export const hostPoints = [...new Set(cells.map((one) => one.point))].filter((point) => !isOfRunner(point));
