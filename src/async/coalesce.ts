/** Work that callers share: each caller gets a run that began after its call. */
export interface Coalescer<T> {
  /** Settles as the run does. Calls with other keys run side by side. */
  run(key: string): Promise<T>;
  /** Resolves when nothing runs or waits. `work` must not reject. */
  idle(): Promise<void>;
}

interface Run<T> {
  now: Promise<T>;
  next: Promise<T> | null;
}

export function createCoalescer<T>(work: (key: string) => Promise<T>): Coalescer<T> {
  const runs = new Map<string, Run<T>>();

  function start(key: string): Promise<T> {
    const run: Run<T> = {
      now: work(key).finally(() => {
        if (run.next === null) runs.delete(key);
      }),
      next: null,
    };
    runs.set(key, run);
    return run.now;
  }

  return {
    run(key) {
      const run = runs.get(key);
      if (!run) return start(key);
      // The run under way may have read its input before this caller changed it.
      run.next ??= run.now.then(() => start(key));
      return run.next;
    },
    async idle() {
      while (runs.size > 0) await Promise.all([...runs.values()].map((run) => run.next ?? run.now));
    },
  };
}
