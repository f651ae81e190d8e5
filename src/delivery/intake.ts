import { createTokenBucket, type TokenBucket } from '../async/rate-limit.js';
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

export function createIntake(clock: Clock): Intake {
  const buckets = new Map<string, TokenBucket>();
  const bounds = { perSecond: limits.intakePerSecond, burst: limits.intakeBurst };

  return {
    isOpen(queue) {
      if (queue.size >= limits.openPerSession) return false;
      const bucket = buckets.get(queue.sessionId);
      if (!bucket) return true;
      const left = bucket.left();
      if (left >= limits.intakeBurst) buckets.delete(queue.sessionId);
      return left > 0;
    },
    took(sessionId, rows) {
      const bucket = buckets.get(sessionId) ?? createTokenBucket(clock, bounds);
      bucket.take(rows);
      buckets.set(sessionId, bucket);
    },
  };
}
