import type { Timer } from './clock.js';
import type { HostSweepDeps } from './host-sweep/deps.js';
import { createDiskWatch } from './host-sweep/disk.js';
import { createDueTimers } from './host-sweep/due.js';
import { createExitHandler, type ExitHandler } from './host-sweep/exits.js';
import { createKicker } from './host-sweep/kick.js';
import { createRetention } from './host-sweep/retention.js';
import { createWatch } from './host-sweep/watch.js';

export type { HostSweepDeps } from './host-sweep/deps.js';

const TICK_MS = 1000;
/** A pass that comes this late means that the host did not run: a laptop slept, a debugger held it. */
const GAP_MS = 10_000;
/** The safety net below the doorbell. */
const POLL_MS = 2000;
const DUE_PASS_MS = 30_000;
const RETENTION_MS = 60_000;

export interface HostSweep {
  /** Acts on all that is due already and goes on from there. After `ContainerRunner.boot`. */
  start(): Promise<void>;
  /** For `ContainerRunner.onExit`. */
  handleExit: ExitHandler;
  /** For `SessionManagerDeps.onDue`: the timer of that session is set anew. */
  dueChanged(sessionId: string, dueAt: number | null): void;
  stop(): void;
}

/** Everything that happens because time goes by: due sessions, expiry, liveness, idle stops, the slow poll, retention. */
export function createHostSweep(deps: HostSweepDeps): HostSweep {
  const { clock, runner } = deps;
  const kicker = createKicker(deps);
  const due = createDueTimers(deps, kicker.kick);
  const watch = createWatch(deps);
  const disk = createDiskWatch(deps);
  const retain = createRetention(deps);
  let timer: Timer | null = null;
  let tickedAt = 0;
  let polledAt = 0;
  let passedAt = 0;
  let retainedAt = 0;

  const tick = () => {
    const now = clock.monotonic();
    const afterGap = now - tickedAt > GAP_MS;
    tickedAt = now;
    watch(afterGap);
    void disk.look();
    if (now - polledAt >= POLL_MS) {
      polledAt = now;
      for (const { sessionId } of runner.running()) void kicker.drain(sessionId);
    }
    // Timers stand still with the host, and what became due meanwhile has none.
    if (afterGap || now - passedAt >= DUE_PASS_MS) {
      passedAt = now;
      void due.pass();
      void deps.asks.expire();
    }
    if (now - retainedAt >= RETENTION_MS) {
      retainedAt = now;
      void retain();
    }
    timer = clock.after(TICK_MS, tick);
  };
  return {
    async start() {
      tickedAt = clock.monotonic();
      polledAt = tickedAt;
      passedAt = tickedAt;
      retainedAt = tickedAt;
      timer = clock.after(TICK_MS, tick);
      void deps.asks.expire();
      await due.pass();
    },
    handleExit: createExitHandler(deps, kicker.drain),
    dueChanged: due.changed,
    stop() {
      timer?.cancel();
      due.close();
    },
  };
}
