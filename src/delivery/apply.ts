import type { OpenDelivery, Transition } from '../db/inbound/ledger.js';
import type { DeliveryContext } from './context.js';
import type { SessionQueue } from './session-queue.js';
import { type Settlement, settle } from './settle.js';

export type Applied = Pick<Settlement, 'entry' | 'change'> & Partial<Settlement>;

/** Records a change of a part on disk and then in memory. False: it could not be recorded before the host stops. */
export async function applyChange(
  context: DeliveryContext,
  queue: SessionQueue,
  applied: Applied,
): Promise<boolean> {
  const settlement: Settlement = { messageIds: [], next: null, quiet: false, also: undefined, ...applied };
  const now = context.deps.clock.now();
  const opened = await context.persist(queue.sessionId, (db) => settle(db, settlement, now));
  if (!opened) return false;
  showChange(queue, settlement.entry, settlement.change);
  for (const entry of opened) {
    queue.put(entry);
    if (entry.state === 'sending') queue.markBegun(entry);
  }
  if (
    !opened.some((entry) => entry.key === settlement.entry.key) &&
    settlement.change.nextAttemptAt === null
  ) {
    queue.dropRow(settlement.entry.key);
  }
  report(context, queue, settlement);
  return true;
}

/** Brings what is in memory to what was recorded. */
export function showChange(queue: SessionQueue, entry: OpenDelivery, change: Transition): void {
  const { state, nextAttemptAt } = change;
  if (nextAttemptAt === null || state === 'sent' || state === 'dead') queue.remove(entry);
  else queue.put({ ...entry, ...change, state, nextAttemptAt });
}

function report({ deps }: DeliveryContext, queue: SessionQueue, { entry, change }: Settlement): void {
  const { key, part, seq, to } = entry;
  const { state, attempts, errorClass, lastError, nextAttemptAt } = change;
  const where = { session: queue.sessionId, message: key, part, seq, chat: to.platformId };
  if (state === 'sent') {
    deps.log.info(where, 'delivered');
    return;
  }
  const what = { ...where, attempts, errorClass, reason: lastError };
  if (nextAttemptAt !== null) {
    deps.log.warn({ ...what, nextAttemptAt }, 'delivery waits');
    return;
  }
  deps.log.error({ ...what, state }, 'delivery given up');
  if (!key.startsWith('out:')) return;
  const dedupeKey = { hourly: `delivery:${to.channelType}` };
  deps.tellOwner?.({
    sessionId: queue.sessionId,
    to,
    state: state === 'dead' ? 'dead' : 'unknown',
    dedupeKey,
  });
}
