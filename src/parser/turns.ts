/** Somebody's work that waits; `rank` 0 goes first. */
export interface Turn {
  sender: string;
  rank: number;
  run(): Promise<void>;
}

/**
 * Runs one piece of work at a time: of those whose rank is the best, whoever was served the longest ago. Of one sender
 * the first comes first.
 */
export class Turns {
  /** Whoever was served last stands last. */
  readonly #waiting = new Map<string, Turn[]>();
  #running = false;

  get waiting(): number {
    let count = 0;
    for (const [, turns] of this.#waiting) count += turns.length;
    return count;
  }

  add(turn: Turn): void {
    const before = this.#waiting.get(turn.sender);
    if (before) before.push(turn);
    else this.#waiting.set(turn.sender, [turn]);
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let turn = this.#next(); turn; turn = this.#next()) await turn.run();
    this.#running = false;
  }

  #next(): Turn | undefined {
    let best: Turn | undefined;
    for (const [, [first]] of this.#waiting) {
      if (first && (best === undefined || first.rank < best.rank)) best = first;
    }
    if (best === undefined) return undefined;
    const left = (this.#waiting.get(best.sender) ?? []).slice(1);
    this.#waiting.delete(best.sender);
    if (left.length > 0) this.#waiting.set(best.sender, left);
    return best;
  }
}
