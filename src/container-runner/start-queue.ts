import type { Clock, Timer } from '../clock.js';
import { type Entry, isUp, type Problem } from './entry.js';

const LOOK_AGAIN_MS = 250;
const LONG_WAIT_MS = 30_000;

/** First come, first served, over a fixed number of places. */
export interface StartQueue {
  /** Puts the entry in line, now or after `delayMs`. */
  add(entry: Entry, delayMs?: number): void;
  remove(entry: Entry): void;
  /** Fills free places; where there are none, asks the longest idle containers to make room. */
  pump(): void;
  waiting(): string[];
  close(): void;
}

export function createStartQueue(deps: {
  clock: Clock;
  capacity: number;
  entries: ReadonlyMap<string, Entry>;
  begin: (entry: Entry) => void;
  evict: (entry: Entry) => void;
  /** Nothing to do for it now. */
  isIdle: (sessionId: string) => boolean;
  report: (entry: Entry, problem: Problem) => void;
}): StartQueue {
  const line: Entry[] = [];
  let lookAgain: Timer | null = null;
  let closed = false;

  const upNow = () => [...deps.entries.values()].filter(isUp);
  /** One whose files cannot be read may be at work, and must not keep the others from their places. */
  const isIdle = ({ sessionId }: Entry): boolean => {
    try {
      return deps.isIdle(sessionId);
    } catch {
      return false;
    }
  };
  const makeRoom = () => {
    const up = upNow();
    const leaving = up.filter((entry) => entry.stopping !== null).length;
    const idle = up
      .filter((entry) => entry.phase === 'running' && isIdle(entry))
      .sort((a, b) => a.activeAt - b.activeAt);
    const wanted = up.length + line.length - deps.capacity - leaving;
    for (const entry of idle.slice(0, Math.max(0, wanted))) deps.evict(entry);
    // A container becomes idle without telling: its turn ends, and later its acks are read.
    lookAgain ??= deps.clock.after(LOOK_AGAIN_MS, () => {
      lookAgain = null;
      pump();
    });
  };
  const pump = () => {
    if (closed) return;
    while (upNow().length < deps.capacity) {
      const entry = line.shift();
      if (!entry) return;
      entry.timer?.cancel();
      entry.timer = null;
      deps.begin(entry);
    }
    if (line.length > 0) makeRoom();
  };
  const enqueue = (entry: Entry) => {
    entry.phase = 'queued';
    line.push(entry);
    entry.timer = deps.clock.after(LONG_WAIT_MS, () =>
      deps.report(entry, {
        code: 'all-places-taken',
        message: `All ${deps.capacity} places for agents are busy.`,
        fix: 'It starts when one of them is done. WHARFIE_MAX_CONTAINERS in .env allows more at once.',
      }),
    );
    pump();
  };
  return {
    add(entry, delayMs = 0) {
      if (closed) return;
      entry.gate = null;
      entry.timer?.cancel();
      if (delayMs <= 0) return enqueue(entry);
      entry.phase = 'waiting';
      entry.timer = deps.clock.after(delayMs, () => enqueue(entry));
    },
    remove(entry) {
      entry.timer?.cancel();
      entry.timer = null;
      const at = line.indexOf(entry);
      if (at >= 0) line.splice(at, 1);
    },
    pump,
    waiting: () => line.map((entry) => entry.sessionId),
    close() {
      closed = true;
      lookAgain?.cancel();
      for (const entry of deps.entries.values()) entry.timer?.cancel();
    },
  };
}
