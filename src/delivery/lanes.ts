import { reasonOf } from '../errors.js';
import { advance } from './advance.js';
import type { DeliveryContext } from './context.js';
import type { Advance } from './due.js';
import { wakeTime } from './order.js';
import { CHANNEL_DOWN } from './policy.js';
import type { Lane, SessionQueue } from './session-queue.js';

/** Works lanes: each one in its order, all of them side by side. */
export interface Lanes {
  /** Something may be due in this lane. */
  kick(queue: SessionQueue, lane: Lane): void;
  kickAll(queue: SessionQueue): void;
  /** What waits for this channel is due now. */
  wake(queue: SessionQueue, channelType: string): void;
  /** Resolves when nobody works on any lane. */
  idle(): Promise<void>;
}

/** Longest timer: wall clocks are set back, and laptops sleep. */
const LONGEST_MS = 5 * 60_000;
const AFTER_ERROR_MS = 5000;

export function createLanes(context: DeliveryContext, onIdle: (queue: SessionQueue) => void): Lanes {
  const working = new Set<Promise<void>>();

  async function step(queue: SessionQueue, lane: Lane): Promise<Advance> {
    const { log } = context.deps;
    try {
      return await advance(context, queue, lane);
    } catch (error) {
      log.error({ session: queue.sessionId, reason: reasonOf(error) }, 'delivery failed, trying again');
      return AFTER_ERROR_MS;
    }
  }

  async function work(queue: SessionQueue, lane: Lane): Promise<void> {
    let result: Advance = 'again';
    while (!context.stopping()) {
      dropIfGone(queue, lane);
      result = await step(queue, lane);
      if (result !== 'again') break;
    }
    lane.busy = false;
    dropIfGone(queue, lane);
    queue.prune(lane);
    if (!context.stopping()) schedule(queue, lane, typeof result === 'number' ? result : null);
    onIdle(queue);
  }

  /** Unregistered meanwhile: there is nobody left to speak for. */
  function dropIfGone(queue: SessionQueue, lane: Lane): void {
    if (!context.isGone(queue.sessionId)) return;
    for (const entry of [...lane.entries]) queue.remove(entry);
  }

  function schedule(queue: SessionQueue, lane: Lane, wait: number | null): void {
    const { clock } = context.deps;
    const now = clock.now();
    const at = wait === null ? wakeTime(lane.entries, now) : now + wait;
    if (at === undefined) return;
    lane.timer = clock.after(Math.min(Math.max(at - now, 0), LONGEST_MS), () => kick(queue, lane));
  }

  function kick(queue: SessionQueue, lane: Lane): void {
    // Whoever works on it looks at all that is in it before resting.
    if (context.stopping() || lane.busy) return;
    lane.timer?.cancel();
    lane.busy = true;
    const run = work(queue, lane).finally(() => working.delete(run));
    working.add(run);
  }

  const kickAll = (queue: SessionQueue) => {
    for (const lane of [...queue.lanes.values()]) kick(queue, lane);
  };

  return {
    kick,
    kickAll,
    wake(queue, channelType) {
      const now = context.deps.clock.now();
      for (const lane of [...queue.lanes.values()]) {
        if (lane.to.channelType !== channelType) continue;
        const waiting = lane.entries.filter(
          (entry) =>
            entry.errorClass === CHANNEL_DOWN && entry.state !== 'sending' && entry.nextAttemptAt > now,
        );
        for (const entry of waiting) queue.put({ ...entry, nextAttemptAt: now });
        if (waiting.length > 0) kick(queue, lane);
      }
    },
    async idle() {
      while (working.size > 0) await Promise.all(working);
    },
  };
}
