import { doubling } from '../async/backoff.js';
import type { Clock, Timer } from '../clock.js';
import type { DrainResult } from './drain.js';

const WAITS = { firstMs: 2000, longestMs: 5 * 60_000 };

/** Has sessions read again that could not be read: one timer each, however often they are asked for meanwhile. */
export interface ReadAgain {
  after(sessionId: string, result: DrainResult): void;
  close(): void;
}

export function createReadAgain(clock: Clock, read: (sessionId: string) => void): ReadAgain {
  const troubled = new Map<string, { failures: number; timer: Timer }>();
  return {
    after(sessionId, result) {
      const known = troubled.get(sessionId);
      known?.timer.cancel();
      troubled.delete(sessionId);
      if (result === 'done') return;
      const failures = result === 'soon' || !known ? 1 : known.failures + 1;
      const timer = clock.after(doubling(failures, WAITS), () => read(sessionId));
      troubled.set(sessionId, { failures, timer });
    },
    close() {
      for (const { timer } of troubled.values()) timer.cancel();
      troubled.clear();
    },
  };
}
