import { sleep } from '../clock.ts';
import { isLater } from '../db/driver.ts';
import type { Loop } from './context.ts';

const GIVE_UP_AFTER_MS = 60_000;
const PAUSE_MS = 200;

/**
 * Commits a change of outbound.db and rings. A lock that lasts (somebody reads the file and does not end) is waited
 * out with the event loop, and so the heartbeat, running in between.
 */
export async function commit<T>(loop: Loop, change: () => T): Promise<T> {
  const began = loop.clock.monotonic();
  for (;;) {
    try {
      const result = loop.store.commit(change);
      loop.ring();
      return result;
    } catch (error) {
      if (!isLater(error) || loop.clock.monotonic() - began > GIVE_UP_AFTER_MS) throw error;
      await sleep(loop.clock, PAUSE_MS);
    }
  }
}
