import type { ModelErrorClass } from '../providers/types.ts';

const MINUTE = 60_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 5 * MINUTE;
/** The host answers for a key that it knows to be refused, so asking often costs nothing, and a new key counts soon. */
const LONGEST_KEY_RETRY_MS = 15_000;
const EVER = Number.POSITIVE_INFINITY;

/** For how long, and after how many failures in one turn, it is still tried again. A refused key waits for a person. */
const PATIENCE: Partial<Record<ModelErrorClass, { forMs: number; failures: number }>> = {
  authentication: { forMs: EVER, failures: EVER },
  rate_limit: { forMs: 90 * MINUTE, failures: EVER },
  overloaded: { forMs: 90 * MINUTE, failures: EVER },
  unreachable: { forMs: 90 * MINUTE, failures: EVER },
  transcript: { forMs: EVER, failures: 2 },
  crashed: { forMs: EVER, failures: 3 },
  unknown: { forMs: EVER, failures: 3 },
};

/**
 * Milliseconds until the next try, or null: give up. `attempts` have failed in a row before this one, `failures` in
 * the whole turn; `sinceMs` is how long it has been failing.
 */
export function retryDelay(
  errorClass: ModelErrorClass,
  so: { attempts: number; failures: number; sinceMs: number },
): number | null {
  const patience = PATIENCE[errorClass];
  if (!patience || so.failures + 1 >= patience.failures || so.sinceMs >= patience.forMs) return null;
  const longest = errorClass === 'authentication' ? LONGEST_KEY_RETRY_MS : LONGEST_RETRY_MS;
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(so.attempts, 10), longest);
}
