import type { Clock, Timer } from '../clock.js';
import { type Entry, isUp, type Problem } from './entry.js';
import { type Claim, inTheWay, limitsOf, rankOf } from './places.js';

const LOOK_AGAIN_MS = 250;
const LONG_WAIT_MS = 30_000;
/** So many may go ahead of somebody who has waited longer, then he is next: no rank waits for ever. */
const MOST_AHEAD = 3;

/** A line for a fixed number of places: owner, admin, member, guest, and first come, first served among equals. */
export interface StartQueue {
  /** Puts the entry in line, now or after `delayMs`. */
  add(entry: Entry, delayMs?: number): void;
  /** The same for some that come at once: who stands where is seen before the first of them starts. */
  addAll(entries: readonly Entry[]): void;
  /** Somebody else may want it now: it may have come to a better place in the line. */
  look(entry: Entry): void;
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
  /** Who wants the session to work, from what is on disk; `role` null: nothing to do for it now. */
  claimOf: (sessionId: string) => { role: Claim['role'] | null; main: boolean };
  hasMain: () => boolean;
  report: (entry: Entry, problem: Problem) => void;
}): StartQueue {
  /** In the order in which they came. */
  const line: Entry[] = [];
  let ahead = 0;
  let lookAgain: Timer | null = null;
  let closed = false;

  const upNow = () => [...deps.entries.values()].filter(isUp);
  /** Brings its claim up to date. One whose files cannot be read may be at work: it is not idle and keeps its claim. */
  const look = (entry: Entry): { idle: boolean } => {
    try {
      const { role, main } = deps.claimOf(entry.sessionId);
      entry.claim = { role: role ?? entry.claim.role, main };
      return { idle: role === null };
    } catch {
      return { idle: false };
    }
  };
  const limits = () => limitsOf(deps.capacity, deps.hasMain());
  const claims = (entries: readonly Entry[]) => entries.map((entry) => entry.claim);
  /** A stable sort: among equals the order in which they came. */
  const inOrder = () => [...line].sort((a, b) => rankOf(a.claim) - rankOf(b.claim));

  /** Who of the line gets a place now. */
  const next = (): Entry | undefined => {
    const [holders, most] = [claims(upNow()), limits()];
    const mayStart = (entry: Entry) => inTheWay(entry.claim, holders, most) === null;
    const best = inOrder().find(mayStart);
    const longest = line.find(mayStart);
    if (best === longest) return best;
    ahead = ahead < MOST_AHEAD ? ahead + 1 : 0;
    return ahead === 0 ? longest : best;
  };
  const makeRoom = () => {
    const up = upNow();
    const idle = up
      .filter((entry) => look(entry).idle && entry.phase === 'running')
      .sort((a, b) => a.activeAt - b.activeAt);
    const most = limits();
    // Those that leave, and those for whom they make room, are reckoned with: nobody leaves for nothing.
    let then = up.filter((entry) => entry.stopping === null);
    for (const entry of inOrder()) {
      let blockers = inTheWay(entry.claim, claims(then), most);
      while (blockers !== null) {
        const leaving = idle.find((one) => then.includes(one) && blockers?.(one.claim));
        if (!leaving) break;
        deps.evict(leaving);
        then = then.filter((one) => one !== leaving);
        blockers = inTheWay(entry.claim, claims(then), most);
      }
      if (blockers === null) then = [...then, entry];
    }
    // A container becomes idle without telling: its turn ends, and later its acks are read.
    lookAgain ??= deps.clock.after(LOOK_AGAIN_MS, () => {
      lookAgain = null;
      pump();
    });
  };
  const pump = () => {
    if (closed || line.length === 0) return;
    for (const entry of upNow()) look(entry);
    for (let entry = next(); entry; entry = next()) {
      line.splice(line.indexOf(entry), 1);
      entry.timer?.cancel();
      entry.timer = null;
      deps.begin(entry);
    }
    if (line.length > 0) makeRoom();
  };
  const tellLongWait = (entry: Entry) => {
    const all = upNow().length >= deps.capacity;
    deps.report(entry, {
      code: 'all-places-taken',
      message: all
        ? `All ${deps.capacity} places for agents are busy.`
        : 'All places for agents that are open to this chat are busy.',
      fix: 'It starts when there is one for it. WHARFIE_MAX_CONTAINERS in .env allows more at once.',
    });
  };
  const enqueue = (entries: readonly Entry[]) => {
    if (closed) return;
    for (const entry of entries) {
      entry.gate = null;
      entry.timer?.cancel();
      entry.phase = 'queued';
      look(entry);
      line.push(entry);
      entry.timer = deps.clock.after(LONG_WAIT_MS, () => tellLongWait(entry));
    }
    pump();
  };
  return {
    add(entry, delayMs = 0) {
      if (closed || delayMs <= 0) return enqueue([entry]);
      entry.gate = null;
      entry.timer?.cancel();
      entry.phase = 'waiting';
      entry.timer = deps.clock.after(delayMs, () => enqueue([entry]));
    },
    addAll: enqueue,
    look(entry) {
      if (entry.phase !== 'queued' && entry.phase !== 'waiting') return;
      look(entry);
      if (entry.phase === 'queued') pump();
    },
    remove(entry) {
      entry.timer?.cancel();
      entry.timer = null;
      const at = line.indexOf(entry);
      if (at >= 0) line.splice(at, 1);
    },
    pump,
    waiting: () => inOrder().map((entry) => entry.sessionId),
    close() {
      closed = true;
      lookAgain?.cancel();
      for (const entry of deps.entries.values()) entry.timer?.cancel();
    },
  };
}
