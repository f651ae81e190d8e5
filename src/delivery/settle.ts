import type { InboundDb } from '../db/inbound/index.js';
import {
  changeDelivery,
  insertDelivery,
  type OpenDelivery,
  recordPlatformIds,
  type Transition,
} from '../db/inbound/ledger.js';
import { tellAgent } from '../db/inbound/news.js';
import { noticeOf, settleNotice } from '../db/inbound/notices.js';
import { noticeAt, sentences } from '../voice/index.js';
import { news } from './news.js';

export interface Settlement {
  entry: OpenDelivery;
  change: Transition;
  /** What the platform calls it. */
  messageIds: readonly string[];
  /** The part after this one, if there is one. */
  next: OpenDelivery | null;
  /** A reaction that fails is no missing reply: the chat is not told. */
  quiet: boolean;
  /** Instead of the notice for the chat: the chat was told already, and this records it. */
  also: ((db: InboundDb) => void) | undefined;
}

/** Records what became of a part, and in the same transaction everything that follows from it. Gives what opens. */
export function settle(db: InboundDb, settlement: Settlement, now: number): OpenDelivery[] {
  const { entry, change, messageIds, next } = settlement;
  changeDelivery(db, entry, change, now);
  recordPlatformIds(db, entry, messageIds);
  settlement.also?.(db);
  if (change.nextAttemptAt !== null) return [];
  const opened: OpenDelivery[] = [];
  // A part behind one that is dead would be half a message. One that may have arrived stops nothing.
  if (next && change.state !== 'dead' && insertDelivery(db, next, now)) opened.push(next);
  const noticeId = noticeOf(entry.key);
  if (noticeId !== null) {
    if (opened.length === 0) settleNotice(db, noticeId);
  } else if (change.state !== 'sent') {
    const notice = tellTrouble(db, settlement, now);
    if (notice) opened.push(notice);
  }
  return opened;
}

/** The agent hears of it once; the chat in its place in the order, in one line for several in a row. */
function tellTrouble(
  db: InboundDb,
  { entry, change, quiet, also }: Settlement,
  now: number,
): OpenDelivery | null {
  const reason = change.lastError ?? 'no reason is known.';
  const dead = change.state === 'dead';
  const text = !dead ? news.unknown(entry.seq) : (quiet ? news.deadReaction : news.dead)(entry.seq, reason);
  tellAgent(db, { about: entry.key, text }, now);
  if (quiet || also) return null;
  const said = dead ? sentences.delivery.dead() : sentences.delivery.unknown();
  return noticeAt(db, { to: entry.to, text: said, afterSeq: entry.seq, dedupeKey: null }, now);
}
