import type { OpenDelivery } from '../db/inbound/ledger.js';
import { noticeOf } from '../db/inbound/notices.js';

/** The agent's messages by `seq`; a notice comes after the message that it was made at; equals as they came. */
export function compareDeliveries(a: OpenDelivery, b: OpenDelivery): number {
  const kind = (entry: OpenDelivery) => (noticeOf(entry.key) === null ? 0 : 1);
  return (
    a.seq - b.seq || kind(a) - kind(b) || a.createdAt - b.createdAt || (a.key === b.key ? a.part - b.part : 0)
  );
}

/** Something for later takes its place in the order when its time has come, and holds up nobody before. */
export function isForLater(entry: OpenDelivery, now: number): boolean {
  return entry.state === 'failed' && entry.errorClass === null && entry.nextAttemptAt > now;
}

/** Whose turn it is, of `entries` in the order of `compareDeliveries`; it may have to wait. */
export function headOf(entries: readonly OpenDelivery[], now: number): OpenDelivery | undefined {
  return entries.find((entry) => !isForLater(entry, now));
}

/** When a lane with nothing due is to be looked at again; undefined: it is empty. */
export function wakeTime(entries: readonly OpenDelivery[], now: number): number | undefined {
  const head = headOf(entries, now);
  let at = head?.nextAttemptAt;
  for (const entry of entries) {
    if (isForLater(entry, now)) at = Math.min(at ?? entry.nextAttemptAt, entry.nextAttemptAt);
  }
  return at;
}
