import type { Clock } from '../../src/clock.js';

export interface FakeClock extends Clock {
  /** Moves time on, firing timers in their order, and lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Jumps the wall clock only, as a laptop's sleep or an NTP step does. */
  jumpWall(ms: number): void;
  pending(): number;
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export function createFakeClock(start = Date.UTC(2026, 0, 15, 12)): FakeClock {
  let elapsed = 0;
  let wall = start;
  let order = 0;
  const timers = new Map<number, { at: number; fn: () => void }>();
  const next = (until: number) =>
    [...timers].filter(([, timer]) => timer.at <= until).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
  return {
    now: () => wall,
    monotonic: () => elapsed,
    after(ms, fn) {
      const id = order++;
      timers.set(id, { at: elapsed + Math.max(0, ms), fn });
      return { cancel: () => void timers.delete(id) };
    },
    async advance(ms) {
      const until = elapsed + ms;
      await settle();
      for (let due = next(until); due; due = next(until)) {
        const [id, timer] = due;
        timers.delete(id);
        wall += timer.at - elapsed;
        elapsed = timer.at;
        timer.fn();
        await settle();
      }
      wall += until - elapsed;
      elapsed = until;
      await settle();
    },
    jumpWall(ms) {
      wall += ms;
    },
    pending: () => timers.size,
  };
}
