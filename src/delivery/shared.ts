/** Work on a session that callers share: everybody gets a run that began after the call. */
export interface Shared<T> {
  /** Never rejects where `work` does not. */
  run(sessionId: string): Promise<T>;
  idle(): Promise<void>;
}

interface Run<T> {
  now: Promise<T>;
  next: Promise<T> | null;
}

export function createShared<T>(work: (sessionId: string) => Promise<T>): Shared<T> {
  const runs = new Map<string, Run<T>>();

  function start(sessionId: string): Promise<T> {
    const run: Run<T> = {
      now: work(sessionId).finally(() => {
        if (run.next === null) runs.delete(sessionId);
      }),
      next: null,
    };
    runs.set(sessionId, run);
    return run.now;
  }

  return {
    run(sessionId) {
      const run = runs.get(sessionId);
      if (!run) return start(sessionId);
      // The one under way may have read before what this caller knows of was written.
      run.next ??= run.now.then(() => start(sessionId));
      return run.next;
    },
    async idle() {
      while (runs.size > 0) await Promise.all([...runs.values()].map((run) => run.next ?? run.now));
    },
  };
}
