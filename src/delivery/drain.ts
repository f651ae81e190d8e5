import type { Address } from '../address.js';
import { doubling } from '../async/backoff.js';
import { sleep } from '../clock.js';
import type { Fault } from '../container-runner/reasons.js';
import { deliveryCursor } from '../db/inbound/delivery-cursor.js';
import { reachableChats, readRoute } from '../db/inbound/destinations.js';
import type { Session } from '../db/types.js';
import { reasonOf } from '../errors.js';
import type { OutboundRead } from '../outbound-reader/types.js';
import { noticeAt, sentences } from '../voice/index.js';
import { askedIn } from './asked.js';
import type { DeliveryContext } from './context.js';
import { createIntake } from './intake.js';
import { changesAnything, type Recorded, recordRead } from './record.js';
import type { SessionQueue } from './session-queue.js';

/** How long one drain waits for a locked file, and after how long of being locked its container is ended. */
const PATIENCE_MS = 3000;
const HELD_MS = 30_000;
/** A commit takes about so long, and the ring of a claim makes us look just as a quick reply is being written. */
const WAITS = { firstMs: 1, longestMs: 200 };
const MOST_RECOVERIES = 3;

/**
 * `soon`: not all, it is being written just now · `later`: it cannot be read now · `unusable`: nothing comes of it, as
 * far as can be told.
 */
export type DrainResult = 'done' | 'soon' | 'later' | 'unusable';

export interface Drainer {
  /** Takes over everything that the session's container has written. */
  drain(queue: SessionQueue): Promise<DrainResult>;
}

export function createDrainer(
  context: DeliveryContext,
  /** Something was recorded: it may be sent. */
  onRecorded: (queue: SessionQueue) => void,
): Drainer {
  const { deps } = context;
  const { clock, log, sessions, reader, containers } = deps;
  const intake = createIntake(clock);
  /** Since when a session's file has been locked, on the monotonic clock. */
  const lockedSince = new Map<string, number>();

  async function readOnce(
    session: Session,
  ): Promise<OutboundRead & { cursor: { seq: number; ack: number } }> {
    const cursor = sessions.read(session.id, deliveryCursor);
    const file = sessions.paths(session).outboundDb;
    const at = { afterSeq: cursor.seq, afterAck: cursor.ack };
    return { ...(await reader.read({ sessionId: session.id, file, ...at })), cursor };
  }

  /** Waits for a writer to finish, and for the reader to be there; gives what stands there afterwards, or null. */
  async function readPatiently(session: Session) {
    const began = clock.monotonic();
    for (let tries = 1; ; tries++) {
      const read = await readOnce(session);
      if (read.kind !== 'busy') lockedSince.delete(session.id);
      if (read.kind !== 'busy' && read.kind !== 'away') return read;
      if (context.stopping() || clock.monotonic() - began >= PATIENCE_MS) {
        // Of a file that could not be looked at nobody knows that it is locked.
        return read.kind === 'busy' ? null : read;
      }
      await sleep(clock, doubling(tries, WAITS));
    }
  }

  async function record(queue: SessionQueue, session: Session, read: Awaited<ReturnType<typeof readOnce>>) {
    if (read.kind !== 'rows') return;
    if (!sessions.read(session.id, (db) => changesAnything(db, read))) return;
    const mayBegin = (to: Address) => {
      const idle = !queue.lane(to) && !context.stopping() && context.isConnected(to.channelType);
      return idle && context.slots.hasFree(to.channelType);
    };
    const reachable = reachableChats(deps.central, session.agentGroupId);
    const input = { session, read, cursor: read.cursor, incarnation: containers.incarnation(session.id) };
    for (const question of askedIn(read, session, { sessions, reachable, now: clock.now() })) {
      deps.asks.asked(question);
    }
    const recorded = await sessions.write(session.id, (db) =>
      recordRead(db, { ...input, reachable, mayBegin }, deps),
    );
    intake.took(session.id, read.rows.length + read.acks.length);
    show(queue, recorded);
    log.debug({ session: session.id, rows: read.rows.length, acks: read.acks.length }, 'outbound recorded');
    onRecorded(queue);
    if (recorded.wake) containers.wake(session.id);
  }

  function show(queue: SessionQueue, recorded: Recorded): void {
    for (const entry of recorded.added) {
      queue.put(entry);
      const row = recorded.rows.get(entry.key);
      if (row) queue.keepRow(entry.key, row);
      if (entry.state === 'sending') queue.markBegun(entry);
    }
  }

  function end(sessionId: string, reason: Fault): void {
    containers.stop(sessionId, reason, 0).catch((error: unknown) => {
      log.error({ session: sessionId, reason: reasonOf(error) }, 'container not ended');
    });
  }

  /** The file is locked for good: whoever holds it works for nobody. */
  function locked(session: Session): void {
    const since = lockedSince.get(session.id) ?? clock.monotonic();
    lockedSince.set(session.id, since);
    if (clock.monotonic() - since < HELD_MS) return;
    lockedSince.delete(session.id);
    log.warn({ session: session.id }, 'outbound.db stays locked');
    end(session.id, 'lock-held');
  }

  /** Not what we made, or it hangs its reader: that container ends, its chat is told, the others go on. */
  async function contain(queue: SessionQueue, session: Session, code: string, reason: string): Promise<void> {
    log.error({ session: session.id, code, reason }, 'outbound.db cannot be used');
    end(session.id, 'bad-output');
    const now = clock.now();
    const dedupeKey = { hourly: 'unreadable' };
    const notice = await sessions.write(session.id, (db) => {
      const to = readRoute(db);
      return to && noticeAt(db, { to, text: sentences.delivery.unreadable(), dedupeKey }, now);
    });
    if (notice) queue.put(notice);
    onRecorded(queue);
  }

  return {
    async drain(queue) {
      const session = deps.sessions.get(queue.sessionId);
      if (!session) return 'done';
      for (let recoveries = 0; !context.stopping(); ) {
        if (!intake.isOpen(queue)) return 'later';
        const read = await readPatiently(session);
        if (read === null) {
          locked(session);
          return 'soon';
        }
        if (read.kind === 'away') return 'soon';
        if (read.kind === 'recover') {
          recoveries += 1;
          if (recoveries > MOST_RECOVERIES) return 'unusable';
          await containers.recover(session.id);
          continue;
        }
        if (read.kind === 'bad') {
          await contain(queue, session, read.code, read.message);
          return 'unusable';
        }
        await record(queue, session, read);
        if (read.kind !== 'rows' || !read.more) return 'done';
      }
      return 'later';
    },
  };
}
