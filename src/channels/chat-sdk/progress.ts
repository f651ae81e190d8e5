/** How many unfinished parts are remembered. */
const MOST = 500;

/**
 * Which steps of a part were done when a later one failed: the next attempt (the same `key`) goes on behind them, or a
 * file would be sent again because the text after it had to wait. Of this connection only; after a crash the ledger
 * takes such a part for one that may have arrived.
 */
export interface Progress<T> {
  /** What the step gave in an earlier attempt, else what `work` gives now. Without a key it is always done. */
  step(key: string | undefined, name: string, work: () => Promise<T>): Promise<T>;
  has(key: string | undefined, name: string): boolean;
  /** The whole part is said. */
  forget(key: string | undefined): void;
}

export function createProgress<T>(): Progress<T> {
  const parts = new Map<string, Map<string, { value: T }>>();
  const find = (key: string | undefined, name: string) =>
    key === undefined ? undefined : parts.get(key)?.get(name);
  return {
    async step(key, name, work) {
      const known = find(key, name);
      if (known) return known.value;
      const value = await work();
      if (key === undefined) return value;
      const steps = parts.get(key) ?? new Map<string, { value: T }>();
      parts.set(key, steps.set(name, { value }));
      const [oldest] = parts.keys();
      if (parts.size > MOST && oldest !== undefined) parts.delete(oldest);
      return value;
    },
    has: (key, name) => find(key, name) !== undefined,
    forget(key) {
      if (key !== undefined) parts.delete(key);
    },
  };
}
