import type { Clock } from '../clock.js';

/** An allowance that refills steadily. It may be overdrawn, and then has to be earned back first. */
export interface TokenBucket {
  take(tokens: number): void;
  /** Tokens left now; below zero if overdrawn. */
  left(): number;
  /** Milliseconds until the bucket is no longer overdrawn. */
  waitMs(): number;
}

export function createTokenBucket(clock: Clock, bounds: { perSecond: number; burst: number }): TokenBucket {
  let tokens = bounds.burst;
  let at = clock.monotonic();
  const refill = () => {
    const now = clock.monotonic();
    tokens = Math.min(bounds.burst, tokens + ((now - at) / 1000) * bounds.perSecond);
    at = now;
    return tokens;
  };
  return {
    take(taken) {
      tokens = refill() - taken;
    },
    left: refill,
    waitMs: () => Math.max(0, -refill() / bounds.perSecond) * 1000,
  };
}

/** An amount per window of time. The window begins with the first use after the last one ended. */
export interface UsageWindow {
  add(amount: number): void;
  /** What may still be used in this window; below zero if it was passed. */
  left(): number;
}

export function createUsageWindow(clock: Clock, bounds: { ms: number; max: number }): UsageWindow {
  let startedAt = clock.monotonic();
  let used = 0;
  const roll = () => {
    const now = clock.monotonic();
    if (now - startedAt < bounds.ms) return;
    startedAt = now;
    used = 0;
  };
  return {
    add(amount) {
      roll();
      used += amount;
    },
    left() {
      roll();
      return bounds.max - used;
    },
  };
}
