import { sleep } from '../../clock.js';
import type { Egress, EgressSession } from './session.js';

/** Resolves when the session may have one more request served: a container that floods the door slows itself down. */
export async function ownTurn({ clock, limits }: Egress, { pace }: EgressSession): Promise<void> {
  const now = clock.monotonic();
  const earned = ((now - pace.at) / 1000) * limits.requestsPerSecond;
  pace.tokens = Math.min(limits.requestBurst, pace.tokens + earned) - 1;
  pace.at = now;
  if (pace.tokens < 0) await sleep(clock, (-pace.tokens / limits.requestsPerSecond) * 1000);
}
