import type { Clock } from '../clock.js';
import { limits } from './limits.js';
import type { SessionQueue } from './session-queue.js';

/**
 * How fast a container's rows are taken over. Each becomes rows of inbound.db and a place in memory, and a container can
 * write a million in seconds: what is beyond this stays in its own file, in order, until it is its turn.
 */
export interface Intake {
  /** May another page of this session be read now? */
  isOpen(queue: SessionQueue): boolean;
  took(sessionId: string, rows: number): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function createIntake(clock: Clock): Intake {
  const buckets = new Map<string, Bucket>();
  const refilled = (bucket: Bucket, now: number) =>
    Math.min(limits.intakeBurst, bucket.tokens + ((now - bucket.at) / 1000) * limits.intakePerSecond);

  return {
    isOpen(queue) {
      if (queue.size >= limits.openPerSession) return false;
      const bucket = buckets.get(queue.sessionId);
      if (!bucket) return true;
      const tokens = refilled(bucket, clock.monotonic());
      if (tokens >= limits.intakeBurst) buckets.delete(queue.sessionId);
      return tokens > 0;
    },
    took(sessionId, rows) {
      const now = clock.monotonic();
      const bucket = buckets.get(sessionId) ?? { tokens: limits.intakeBurst, at: now };
      buckets.set(sessionId, { tokens: refilled(bucket, now) - rows, at: now });
    },
  };
}
