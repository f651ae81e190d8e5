/** Work on a session that callers share: everybody gets a run that began after the call. */
export interface Shared {
  /** Never rejects where `work` does not. */
  run(sessionId: string): Promise<void>;
  idle(): Promise<void>;
}

interface Run {
  now: Promise<void>;
  next: Promise<void> | null;
}

export function createShared(work: (sessionId: string) => Promise<void>): Shared {
  const runs = new Map<string, Run>();

  function start(sessionId: string): Promise<void> {
    const run: Run = {
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
