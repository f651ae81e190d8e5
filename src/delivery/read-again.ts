import type { Clock, Timer } from '../clock.js';
import type { DrainResult } from './drain.js';

const FIRST_MS = 2000;
const LONGEST_MS = 5 * 60_000;

/** Has sessions read again that could not be read: one timer each, however often they are asked for meanwhile. */
export interface ReadAgain {
  after(sessionId: string, result: DrainResult): void;
  close(): void;
}

export function createReadAgain(clock: Clock, read: (sessionId: string) => void): ReadAgain {
  const troubled = new Map<string, { wait: number; timer: Timer }>();
  return {
    after(sessionId, result) {
      const known = troubled.get(sessionId);
      known?.timer.cancel();
      troubled.delete(sessionId);
      if (result === 'done') return;
      const wait = result === 'soon' || !known ? FIRST_MS : Math.min(known.wait * 2, LONGEST_MS);
      troubled.set(sessionId, { wait, timer: clock.after(wait, () => read(sessionId)) });
    },
    close() {
      for (const { timer } of troubled.values()) timer.cancel();
      troubled.clear();
    },
  };
}
