import { createCoalescer } from './async/coalesce.js';
import { sleep } from './clock.js';
import { sessionsDue } from './db/central/session-runs.js';
import { changeDelivery, getOpen } from './db/inbound/ledger.js';
import {
  discardDelivery,
  listRetryable,
  reopenDelivery,
  retryableParts,
} from './db/inbound/ledger-troubles.js';
import { createContext, type DeliveryContext } from './delivery/context.js';
import { createDrainer, type DrainResult } from './delivery/drain.js';
import { createLanes } from './delivery/lanes.js';
import { limits } from './delivery/limits.js';
import { createQueues, refresh } from './delivery/queues.js';
import { createReadAgain } from './delivery/read-again.js';
import type { SessionQueue } from './delivery/session-queue.js';
import { type Delivery, type DeliveryDeps, DeliveryError } from './delivery/types.js';
import { codeOf, reasonOf } from './errors.js';
import { noticeAt, writtenElsewhere } from './voice/index.js';

export { handleSystemAction } from './actions/handle.js';
export { type Delivery, type DeliveryDeps, DeliveryError, type NoticeRequest } from './delivery/types.js';

/** Waits on disk are at most this long (limits.downLongest and its jitter). */
const LONGEST_WAIT_MS = 6 * 60_000;
const MOST_WAITING_SESSIONS = 1000;

/** Outbound: what containers wrote and what the host has to say gets to the chats, in order, once (docs/reliability.md). */
export function createDelivery(deps: DeliveryDeps): Delivery {
  const { clock, log, sessions } = deps;
  const queues = createQueues(deps);
  const context: DeliveryContext = createContext(deps, (channelType) => {
    for (const queue of queues.all()) lanes.wake(queue, channelType);
  });
  const lanes = createLanes(context, queues.release);
  const drainer = createDrainer(context, lanes.kickAll);
  const drains = createCoalescer((sessionId) => drainOnce(sessionId));
  const readAgain = createReadAgain(clock, (sessionId) => void drains.run(sessionId));

  async function drainOnce(sessionId: string): Promise<boolean> {
    if (context.stopping()) return false;
    if (context.isGone(sessionId)) return true;
    let read: DrainResult = 'later';
    try {
      read = await queues.with(sessionId, async (queue) => {
        refresh(queue, deps);
        lanes.kickAll(queue);
        return drainer.drain(queue);
      });
    } catch (error) {
      log.error({ session: sessionId, reason: reasonOf(error) }, 'outbound not recorded, trying again');
      if (codeOf(error) === 'recover-failed') read = 'unusable';
    }
    if (!context.stopping()) readAgain.after(sessionId, read);
    return read === 'done' || read === 'unusable';
  }

  /** Opens parts that were given up, and sends them. */
  const reopen = (sessionId: string, parts: readonly { key: string; part: number }[]) =>
    queues.with(sessionId, async (queue) => {
      const now = clock.now();
      const opened = await sessions.write(sessionId, (db) =>
        parts.filter((at) => reopenDelivery(db, at, now)).flatMap((at) => getOpen(db, at.key, at.part) ?? []),
      );
      for (const entry of opened) queue.put(entry);
      lanes.kickAll(queue);
      return opened.length;
    });

  /** Sessions of which nothing is in memory since the host started, but whose messages wait for this channel. */
  async function wakeStored(channelType: string): Promise<void> {
    const from = { nextDueAt: Number.MIN_SAFE_INTEGER, id: '' };
    const until = clock.now() + LONGEST_WAIT_MS;
    for (const { id } of sessionsDue(deps.central, from, until, MOST_WAITING_SESSIONS)) {
      if (context.stopping()) return;
      try {
        await queues.with(id, async (queue) => lanes.wake(queue, channelType));
      } catch (error) {
        log.error({ session: id, reason: reasonOf(error) }, 'session not looked at');
      }
    }
  }

  /** What was announced and not begun has surely not arrived: the next start need not ask. */
  async function takeBack(): Promise<void> {
    const now = clock.now();
    const takeBackOf = async (queue: SessionQueue) => {
      const begun = queue.takeAllBegun();
      if (begun.length === 0) return;
      const waiting = { state: 'failed' as const, doubtSince: null, nextAttemptAt: now };
      await sessions.write(queue.sessionId, (db) => {
        for (const entry of begun) changeDelivery(db, entry, { ...entry, ...waiting }, now);
      });
    };
    const takingBack = queues.all().map((queue) =>
      // It stays in doubt: the next start asks.
      takeBackOf(queue).catch((error: unknown) =>
        log.error({ session: queue.sessionId, reason: reasonOf(error) }, 'announced messages not taken back'),
      ),
    );
    await Promise.all(takingBack);
  }

  return {
    drain: drains.run,
    async notice(sessionId, { to, text, dedupeKey, code }) {
      if (context.stopping()) {
        throw new DeliveryError(
          'delivery-stopped',
          'The host is stopping.',
          'It is said after the next start.',
        );
      }
      return queues.with(sessionId, async (queue) => {
        const now = clock.now();
        const notice = { to, text: writtenElsewhere(text), dedupeKey };
        const entry = await sessions.write(sessionId, (db) => noticeAt(db, notice, now));
        log.info({ session: sessionId, chat: to.platformId, code, said: entry !== null }, 'notice');
        if (entry) lanes.kick(queue, queue.put(entry));
        return entry !== null;
      });
    },
    channelConnected(channelType) {
      for (const queue of queues.all()) lanes.wake(queue, channelType);
      void wakeStored(channelType);
    },
    async again(sessionId, to) {
      const since = clock.now() - limits.againSince;
      const bounds = { since, limit: limits.againParts };
      return reopen(
        sessionId,
        sessions.read(sessionId, (db) => listRetryable(db, to, bounds)),
      );
    },
    async retry(sessionId, key) {
      const parts = sessions.read(sessionId, (db) => retryableParts(db, key));
      return (
        (await reopen(
          sessionId,
          parts.map((part) => ({ key, part })),
        )) > 0
      );
    },
    async discard(sessionId, key) {
      const now = clock.now();
      return (await sessions.write(sessionId, (db) => discardDelivery(db, key, now))) > 0;
    },
    async stop(graceMs) {
      context.halt();
      readAgain.close();
      const finished = Promise.all([lanes.idle(), drains.idle()]).then(() => takeBack());
      await Promise.race([finished, sleep(clock, graceMs)]);
      for (const queue of queues.all()) queue.cancelTimers();
    },
  };
}
