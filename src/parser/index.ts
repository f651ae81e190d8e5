import { type AskedProcess, startAskedProcess } from '../async/asked-process.js';
import type { Clock, Timer } from '../clock.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import { childArgs } from '../own-programs.js';
import type { Jobs } from './jobs.js';
import { checkSaid, type Parsed, results } from './results.js';
import { Turns } from './turns.js';

export interface Parser {
  /**
   * Parses what a stranger wrote, in another process. Null: it cannot be done within bounds, and its plain words are to
   * be taken. `sender` as `Sender.id`.
   */
  read<Name extends keyof Jobs>(
    job: Name,
    input: Jobs[Name]['input'],
    sender: string,
  ): Promise<Jobs[Name]['output'] | null>;
  close(): void;
}

export interface ParserDeps {
  clock: Clock;
  log: Log;
  /** Who goes first: 0 is the owner. */
  rankOf(sender: string): number;
  /** What Node has to be told to run the process, where that is not this checkout's own. */
  args?: readonly string[];
}

/** By the clock; the process ends itself after 2 s of its own CPU time. */
const DEADLINE_MS = 10_000;
const HEAP_MB = 256;
/** Whose texts ended the process so often within an hour is not parsed any more. */
const MOST_OFFENCES = 2;
const HOUR_MS = 3_600_000;
const MOST_WAITING = 1_000;
const IDLE_MS = 10 * 60_000;

type Process = AskedProcess<Parsed>;

/** Nothing runs before something is to be parsed, nor long after it. */
export function createParser({ clock, log, rankOf, args = childArgs('parser') }: ParserDeps): Parser {
  const turns = new Turns();
  const offences = new Map<string, number[]>();
  let current: Promise<Process | null> | null = null;
  let spare: Promise<Process | null> | null = null;
  let idle: Timer | null = null;
  let closed = false;

  const start = () =>
    startAskedProcess<Parsed>({
      name: 'parser',
      heapMb: HEAP_MB,
      check: checkSaid,
      ...{ args, clock, log },
    }).catch((error: unknown) => {
      log.error({ reason: reasonOf(error) }, 'the parser cannot be started');
      return null;
    });

  async function running(): Promise<Process | null> {
    idle?.cancel();
    const last = await current;
    if (!last?.alive) {
      current = spare ?? start();
      spare = null;
    }
    const process = await current;
    // A text may end this one: the next does not wait for a start.
    if (!closed && process?.alive) spare ??= start();
    return process;
  }

  function rest(): void {
    idle?.cancel();
    idle = clock.after(IDLE_MS, end);
  }

  function end(): void {
    idle?.cancel();
    for (const one of [current, spare]) void one?.then((process) => process?.kill());
    current = null;
    spare = null;
  }

  function recent(sender: string): number[] {
    return (offences.get(sender) ?? []).filter((at) => clock.monotonic() - at < HOUR_MS);
  }

  function offended(sender: string): void {
    offences.set(sender, [...recent(sender), clock.monotonic()]);
    for (const [one] of offences) if (recent(one).length === 0) offences.delete(one);
  }

  async function parse<Name extends keyof Jobs>(
    job: Name,
    input: Jobs[Name]['input'],
    sender: string,
  ): Promise<Jobs[Name]['output'] | null> {
    if (closed || recent(sender).length >= MOST_OFFENCES) return null;
    const process = await running();
    if (!process) return null;
    const answer = await process.ask({ job, input }, DEADLINE_MS);
    rest();
    if (answer.kind === 'parsed') {
      const checked = results[job].safeParse(answer.value);
      if (checked.success) return checked.data;
      log.error({ job }, 'the parser spoke nonsense and was killed');
      process.kill();
    } else if (answer.kind === 'failed') {
      log.warn({ job, sender, reason: answer.reason }, 'a text could not be parsed');
      return null;
    }
    if (!closed) log.warn({ job, sender }, 'a text ended the parser: its plain words are taken');
    offended(sender);
    return null;
  }

  return {
    read(job, input, sender) {
      if (closed || turns.waiting >= MOST_WAITING) return Promise.resolve(null);
      return new Promise((resolve) => {
        turns.add({
          sender,
          rank: rankOf(sender),
          run: async () => resolve(await parse(job, input, sender).catch(() => null)),
        });
      });
    },
    close() {
      closed = true;
      end();
    },
  };
}
