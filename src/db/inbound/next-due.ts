import { CLOCK_STEP_MS } from '../../clock.js';
import { perHandle } from '../per-handle.js';
import type { InboundDb } from './index.js';
import { SET_BY_A_LATER_CLOCK } from './ledger.js';

// Whatever delivery has not settled has a ledger row with its next time; a notice has none before it is first read.
const sql = perHandle((db) => ({
  nextDue: db
    .prepare<{ now: number; future: number }, number | null>(
      `SELECT min(at) FROM (
         SELECT min(ifnull(process_after, min(created_at, :now))) AS at FROM messages_in
           WHERE status = 'pending' AND trigger = 1
         UNION ALL SELECT min(next_attempt_at) FROM delivered WHERE next_attempt_at IS NOT NULL
         UNION ALL SELECT :now WHERE EXISTS (SELECT 1 FROM delivered WHERE ${SET_BY_A_LATER_CLOCK})
         UNION ALL SELECT min(min(created_at, :now)) FROM notices WHERE settled = 0
           AND NOT EXISTS (SELECT 1 FROM delivered WHERE key = 'notice:' || notices.id)
       )`,
    )
    .pluck(),
}));

/**
 * When the session next has something to do, epoch milliseconds (in the past: now), or null: a pending message that
 * wakes the agent, a delivery to make, repeat or settle, a notice not yet said. What a clock dated that has been set back
 * since is due now.
 */
export function nextDueAt(db: InboundDb, now: number): number | null {
  return sql(db).nextDue.get({ now, future: now + CLOCK_STEP_MS }) ?? null;
}
