import { type Address, threadKey } from '../address.js';
import type { Timer } from '../clock.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import type { OutboundRow } from '../outbound-reader/types.js';
import { limits } from './limits.js';
import { compareDeliveries } from './order.js';

/** What is to be said in one thread of one chat, one after the other. */
export interface Lane {
  readonly to: Address;
  /** In the order of `compareDeliveries`. */
  entries: OpenDelivery[];
  /** Somebody works on it. */
  busy: boolean;
  timer: Timer | null;
}

/** The open deliveries of one session, as its ledger has them. */
export class SessionQueue {
  readonly sessionId: string;
  readonly lanes = new Map<string, Lane>();
  readonly #known = new Set<string>();
  readonly #rows = new Map<string, { row: OutboundRow; size: number }>();
  #rowsSize = 0;
  /** Ledger rows marked `sending` by this process, for an attempt that has not begun. */
  readonly #begun = new Set<string>();

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  get isEmpty(): boolean {
    return this.lanes.size === 0;
  }

  /** Unsent parts in memory. */
  get size(): number {
    return this.#known.size;
  }

  lane(to: Address): Lane | undefined {
    return this.lanes.get(threadKey(to));
  }

  has(key: string, part: number): boolean {
    return this.#known.has(`${key} ${part}`);
  }

  /** Puts an entry in its place, or in that of its former state. */
  put(entry: OpenDelivery): Lane {
    const key = threadKey(entry.to);
    const lane = this.lanes.get(key) ?? { to: entry.to, entries: [], busy: false, timer: null };
    this.lanes.set(key, lane);
    this.#begun.delete(idOf(entry));
    if (this.has(entry.key, entry.part)) {
      lane.entries[lane.entries.findIndex((known) => sameAs(known, entry))] = entry;
      return lane;
    }
    this.#known.add(idOf(entry));
    // Searched from the end, where new ones belong.
    let at = lane.entries.length;
    for (; at > 0; at -= 1) {
      const before = lane.entries[at - 1];
      if (!before || compareDeliveries(before, entry) <= 0) break;
    }
    lane.entries.splice(at, 0, entry);
    return lane;
  }

  remove(entry: OpenDelivery): void {
    const entries = this.lane(entry.to)?.entries;
    const at = entries?.findIndex((known) => sameAs(known, entry)) ?? -1;
    if (at >= 0) entries?.splice(at, 1);
    this.#known.delete(idOf(entry));
    this.#begun.delete(idOf(entry));
  }

  /** Forgets a lane in which nothing is left. */
  prune(lane: Lane): void {
    if (lane.entries.length > 0 || lane.busy) return;
    lane.timer?.cancel();
    this.lanes.delete(threadKey(lane.to));
  }

  /** Few and small enough, or it is read again when it is its turn: a container may write a megabyte in each. */
  keepRow(key: string, row: OutboundRow): void {
    this.dropRow(key);
    const size = JSON.stringify(row.content).length;
    const full = this.#rows.size >= limits.cachedRows || this.#rowsSize + size > limits.cachedCharacters;
    if (full) return;
    this.#rows.set(key, { row, size });
    this.#rowsSize += size;
  }

  dropRow(key: string): void {
    this.#rowsSize -= this.#rows.get(key)?.size ?? 0;
    this.#rows.delete(key);
  }

  row(key: string): OutboundRow | undefined {
    return this.#rows.get(key)?.row;
  }

  markBegun(entry: OpenDelivery): void {
    this.#begun.add(idOf(entry));
  }

  /** Has this process announced its attempt and not made it? Then nothing of it has arrived. */
  isBegun(entry: OpenDelivery): boolean {
    return this.#begun.has(idOf(entry));
  }

  /** The same, and from now on it may arrive. */
  takeBegun(entry: OpenDelivery): boolean {
    return this.#begun.delete(idOf(entry));
  }

  /** Everything announced whose attempt was not made. */
  takeAllBegun(): OpenDelivery[] {
    const begun = [...this.lanes.values()]
      .flatMap((lane) => lane.entries)
      .filter((entry) => this.#begun.has(idOf(entry)));
    this.#begun.clear();
    return begun;
  }

  cancelTimers(): void {
    for (const lane of this.lanes.values()) lane.timer?.cancel();
  }
}

const idOf = (entry: OpenDelivery) => `${entry.key} ${entry.part}`;
const sameAs = (a: OpenDelivery, b: OpenDelivery) => a.key === b.key && a.part === b.part;
