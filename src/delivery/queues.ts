import { getOpen, listMisdated, listOpen } from '../db/inbound/ledger.js';
import { openNoticeKeys } from '../db/inbound/notices.js';
import { SessionQueue } from './session-queue.js';
import type { DeliveryDeps } from './types.js';

/** The queues of the sessions that have something open; loaded from their ledgers, forgotten when they are empty. */
export interface Queues {
  /** Runs `use` with the session's queue, which stays the same object for everybody until it is empty. */
  with<T>(sessionId: string, use: (queue: SessionQueue) => Promise<T>): Promise<T>;
  get(sessionId: string): SessionQueue | undefined;
  all(): SessionQueue[];
  /** Forgets an empty queue that nobody uses. */
  release(queue: SessionQueue): void;
}

export function createQueues({ sessions }: Pick<DeliveryDeps, 'sessions'>): Queues {
  const queues = new Map<string, { queue: SessionQueue; users: number }>();

  const open = (sessionId: string) => {
    const known = queues.get(sessionId);
    if (known) return known;
    const queue = new SessionQueue(sessionId);
    for (const entry of sessions.read(sessionId, listOpen)) queue.put(entry);
    const held = { queue, users: 0 };
    queues.set(sessionId, held);
    return held;
  };
  const release = (queue: SessionQueue) => {
    const held = queues.get(queue.sessionId);
    if (held?.queue !== queue || held.users > 0 || !queue.isEmpty) return;
    queues.delete(queue.sessionId);
  };
  return {
    async with(sessionId, use) {
      const held = open(sessionId);
      held.users += 1;
      try {
        return await use(held.queue);
      } finally {
        held.users -= 1;
        release(held.queue);
      }
    },
    get: (sessionId) => queues.get(sessionId)?.queue,
    all: () => [...queues.values()].map((held) => held.queue),
    release,
  };
}

/**
 * Brings a queue up to date with its ledger: other parts of the host write notices of their own into inbound.db, and a
 * wall clock that was set back must not make anything wait until it has caught up.
 */
export function refresh(
  queue: SessionQueue,
  { sessions, clock }: Pick<DeliveryDeps, 'sessions' | 'clock'>,
): void {
  const fresh = sessions.read(queue.sessionId, (db) => [
    ...openNoticeKeys(db)
      .filter((key) => !queue.has(key, 0))
      .flatMap((key) => getOpen(db, key, 0) ?? []),
    ...listMisdated(db, clock.now()),
  ]);
  for (const entry of fresh) queue.put(entry);
}
