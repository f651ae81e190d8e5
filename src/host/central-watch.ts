import type { Clock, Timer } from '../clock.js';
import type { CentralDb } from '../db/central/index.js';

const LOOK_EVERY_MS = 1000;

/**
 * Calls `onChange` within a second after another process (a step) has committed to `v2.db`. SQLite's `data_version`
 * stays the same for our own commits, and asking for it costs microseconds.
 */
export function watchCentral(deps: { db: CentralDb; clock: Clock; onChange(): void }): { stop(): void } {
  const version = () => deps.db.pragma('data_version', { simple: true });
  let known = version();
  let timer: Timer;
  const look = () => {
    const current = version();
    if (current !== known) {
      known = current;
      deps.onChange();
    }
    timer = deps.clock.after(LOOK_EVERY_MS, look);
  };
  timer = deps.clock.after(LOOK_EVERY_MS, look);
  return { stop: () => timer.cancel() };
}
