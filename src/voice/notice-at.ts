import type { Address } from '../address.js';
import { deliveryCursor } from '../db/inbound/delivery-cursor.js';
import type { InboundDb } from '../db/inbound/index.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import { type DedupeKey, insertNotice } from '../db/inbound/notices.js';
import { newId } from '../ids.js';
import type { Sentence } from './sentences.js';

/**
 * Records a notice in a transaction that is under way, so that it is never without what it tells about, nor that without
 * it: delivery and the sweep use it. Null where it is not to be said again. Whoever holds the session's queue puts the
 * entry there; else the next drain finds it. Where nothing else is recorded, use `HostVoice.durable`.
 */
export function noticeAt(
  db: InboundDb,
  notice: {
    to: Address;
    text: Sentence;
    dedupeKey: DedupeKey;
    /** Its place: after the agent's message with this `seq`. Left out: after all that was read. */
    afterSeq?: number;
  },
  now: number,
): OpenDelivery | null {
  const { afterSeq = deliveryCursor(db).seq, ...rest } = notice;
  return insertNotice(db, { id: newId('ntc'), afterSeq, ...rest }, now);
}
