import type { ChannelAdapter, OutboundPart } from '../channels/adapter.js';
import type { Random } from '../clock.js';
import type { OpenDelivery, Transition } from '../db/inbound/ledger.js';
import { aloneWait, downWait } from './backoff.js';
import { limits } from './limits.js';
import type { Failure } from './outcome.js';

/** Error classes in the ledger that count attempts of two kinds, besides those of `ChannelErrorClass`. */
export const CHANNEL_DOWN = 'channel-down';
const HISTORY = 'history';

/** What is known about the surroundings of an attempt. */
export interface Facts {
  now: number;
  /** What is going wrong goes wrong for the whole channel: not connected, not reached, every chat failing. */
  channelDown: boolean;
  /** Something was delivered on this channel after this message first failed, and not all fails now: it fails alone. */
  channelProven: boolean;
  /** This host has been trying for long enough to give up what is old. */
  mayGiveUp: boolean;
  /** The channel waits for ever: nobody there is no outage. */
  waitsForEver: boolean;
}

export type Verdict =
  | { kind: 'change'; change: Transition; also?: undefined }
  /** Its tries are used up, but nothing shows that the channel works: it dies only if its notice gets through. */
  | { kind: 'probe'; dead: Transition; alive: Transition };

const change = (entry: OpenDelivery, rest: Partial<Transition>): Transition => ({
  state: entry.doubtSince === null ? 'failed' : 'unknown',
  attempts: entry.attempts,
  nextAttemptAt: entry.nextAttemptAt,
  doubtSince: entry.doubtSince,
  errorClass: entry.errorClass,
  lastError: entry.lastError,
  ...rest,
});

/** Nothing more is tried by itself. Dead only where it is sure that nothing arrived. */
export function givenUp(entry: OpenDelivery, errorClass: string, lastError: string): Transition {
  const state = entry.doubtSince === null ? 'dead' : 'unknown';
  return change(entry, { state, nextAttemptAt: null, errorClass, lastError });
}

/** It is said. */
export function sentAs(entry: OpenDelivery): Transition {
  const clean = { doubtSince: null, errorClass: null, lastError: null };
  return change(entry, { state: 'sent', nextAttemptAt: null, ...clean });
}

/** An attempt begins: from here on it may arrive. */
export function announced(entry: OpenDelivery, now: number): OpenDelivery {
  return {
    ...entry,
    state: 'sending',
    nextAttemptAt: now + limits.lease,
    doubtSince: entry.doubtSince ?? now,
  };
}

/** The history is asked when the platform has had the time to write it. */
export function laterAgain(entry: OpenDelivery): Transition {
  const nextAttemptAt = (entry.doubtSince ?? 0) + limits.historyDelay;
  return change(entry, { state: 'unknown', nextAttemptAt, errorClass: entry.errorClass ?? 'unknown' });
}

/** The history could not be asked. */
export function afterHistory(entry: OpenDelivery, failed: Failure, facts: Facts, random: Random): Transition {
  const { message: lastError } = failed;
  if (facts.channelDown) return afterChannelDown(entry, facts, lastError, random);
  const attempts = attemptsAs(entry, HISTORY);
  const wait =
    failed.errorClass === 'rate-limited'
      ? (failed.retryAfterMs ?? limits.downFirst)
      : aloneWait(attempts, random);
  if (wait === null || failed.errorClass === 'permanent') return givenUp(entry, 'unknown', lastError);
  return change(entry, {
    state: 'unknown',
    attempts,
    nextAttemptAt: facts.now + wait,
    errorClass: HISTORY,
    lastError,
  });
}

/** Tries count within one kind of failure: a message that begins to fail alone after an outage starts anew. */
const attemptsAs = (entry: OpenDelivery, errorClass: string) =>
  entry.errorClass === errorClass ? entry.attempts + 1 : 1;

/** It has waited for a day. */
export const tooOld = (entry: OpenDelivery, facts: Facts) =>
  !facts.waitsForEver && facts.mayGiveUp && facts.now - entry.createdAt >= limits.giveUp;

/** The channel is not there: no attempt was made, or the whole channel failed. */
export function afterChannelDown(
  entry: OpenDelivery,
  facts: Facts,
  lastError: string,
  random: Random,
): Transition {
  if (tooOld(entry, facts)) return givenUp(entry, CHANNEL_DOWN, lastError);
  const attempts = attemptsAs(entry, CHANNEL_DOWN);
  const nextAttemptAt = facts.now + downWait(attempts, random);
  return change(entry, { attempts, nextAttemptAt, errorClass: CHANNEL_DOWN, lastError });
}

/** What a failed attempt means (docs/reliability.md#promise-5). `entry.doubtSince` already covers this attempt. */
export function afterFailure(entry: OpenDelivery, failed: Failure, facts: Facts, random: Random): Verdict {
  const { errorClass, message: lastError } = failed;
  const told = (rest: Transition): Verdict => ({ kind: 'change', change: rest });
  if (errorClass === 'permanent') return told(givenUp(entry, errorClass, lastError));
  if (errorClass === 'rate-limited') {
    if (tooOld(entry, facts)) return told(givenUp(entry, errorClass, lastError));
    const wait = Math.min(Math.max(failed.retryAfterMs ?? limits.downFirst, 1), limits.giveUp);
    // Later than told, never earlier.
    const nextAttemptAt = facts.now + Math.ceil(wait * (1 + random() / 20));
    const kept = entry.errorClass === CHANNEL_DOWN ? null : entry.errorClass;
    return told(change(entry, { nextAttemptAt, errorClass: kept ?? errorClass, lastError }));
  }
  if (facts.channelDown) return told(afterChannelDown(entry, facts, lastError, random));
  const attempts = attemptsAs(entry, errorClass);
  const wait = aloneWait(attempts, random);
  if (wait !== null && !tooOld(entry, facts)) {
    return told(change(entry, { attempts, nextAttemptAt: facts.now + wait, errorClass, lastError }));
  }
  const dead = givenUp({ ...entry, attempts }, errorClass, lastError);
  if (facts.channelProven || dead.state === 'unknown') return told(dead);
  return { kind: 'probe', dead, alive: afterChannelDown(entry, facts, lastError, random) };
}

export type Step = 'send' | 'ask-history' | 'wait' | 'stay-unknown';

/** What to do about a part of which an earlier attempt may have arrived (docs/reliability.md#promise-3). */
export function resolveDoubt(
  entry: OpenDelivery,
  part: OutboundPart['type'],
  adapter: Pick<ChannelAdapter, 'capabilities' | 'findSent'>,
  now: number,
): Step {
  if (entry.doubtSince === null) return 'send';
  // Saying these twice changes nothing.
  if (part === 'edit' || part === 'reaction') return 'send';
  const age = now - entry.doubtSince;
  // A negative age means that the clock was set back: how old the attempt is, is not known.
  if (adapter.capabilities.idempotency && age >= 0 && age < limits.idempotency) return 'send';
  if (!adapter.capabilities.history || !adapter.findSent) return 'stay-unknown';
  return age >= 0 && age < limits.historyDelay ? 'wait' : 'ask-history';
}
