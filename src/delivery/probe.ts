import type { InboundDb } from '../db/inbound/index.js';
import {
  changeDelivery,
  type OpenDelivery,
  recordPlatformIds,
  type Transition,
} from '../db/inbound/ledger.js';
import { noticeOf, settleNotice, withdrawNotice } from '../db/inbound/notices.js';
import { noticeAt, sentences } from '../voice/index.js';
import { attempt, requestFor } from './attempt.js';
import type { DeliveryContext } from './context.js';
import type { Due } from './due.js';
import { announced, givenUp, sentAs, type Verdict } from './policy.js';
import type { SessionQueue } from './session-queue.js';

export interface Found {
  change: Transition;
  /** Records that the chat knows; in the transaction of the change. */
  also: ((db: InboundDb) => void) | undefined;
  /** The notice that was tried. It leaves the queue once that is recorded: whoever looked before would find it open. */
  tried: OpenDelivery | null;
}

/**
 * The only chat that speaks on this channel fails: is it the message, or the channel? The notice that the message
 * could not be delivered tells: if it gets through, the message is dead and the chat knows; if not, the channel is
 * down and the message waits.
 */
export async function probe(
  context: DeliveryContext,
  queue: SessionQueue,
  due: Due,
  verdict: Extract<Verdict, { kind: 'probe' }>,
): Promise<Found> {
  const { clock } = context.deps;
  const { entry, adapter } = due;
  // A notice has nobody to tell of its failure; for a reaction nobody waits.
  if (noticeOf(entry.key) !== null) return { change: verdict.alive, ...untried };
  if (due.quiet) return { change: verdict.dead, ...untried };
  const notice = await announceNotice(context, queue, entry);
  if (!notice) return { change: verdict.dead, ...untried };
  const said = sentences.delivery.dead();
  const [text = said] = adapter.splitText(said);
  const request = requestFor(queue.sessionId, notice, { type: 'text', text, files: [], replyTo: null });
  const outcome = await attempt(adapter, request, clock);
  const noticeId = noticeOf(notice.key) ?? '';
  const now = clock.now();
  if (outcome.kind === 'sent') {
    context.pulse.succeeded(entry.to.channelType, entry.to.platformId);
    const also = (db: InboundDb) => {
      changeDelivery(db, notice, sentAs(notice), now);
      recordPlatformIds(db, notice, outcome.messageIds);
      settleNotice(db, noticeId);
    };
    return { change: verdict.dead, also, tried: notice };
  }
  const also = (db: InboundDb) => {
    if (outcome.errorClass !== 'unknown') return withdrawNotice(db, noticeId);
    changeDelivery(db, notice, givenUp(notice, outcome.errorClass, outcome.message), now);
    settleNotice(db, noticeId);
  };
  return { change: verdict.alive, also, tried: notice };
}

const untried = { also: undefined, tried: null };

async function announceNotice(
  context: DeliveryContext,
  queue: SessionQueue,
  { to, seq }: OpenDelivery,
): Promise<OpenDelivery | null> {
  const now = context.deps.clock.now();
  const sending = await context.persist(queue.sessionId, (db) => {
    const text = sentences.delivery.dead();
    const waiting = noticeAt(db, { to, text, afterSeq: seq, dedupeKey: null }, now);
    if (!waiting) return null;
    const entry = announced(waiting, now);
    changeDelivery(db, entry, entry, now);
    return entry;
  });
  if (sending) queue.put(sending);
  return sending ?? null;
}
