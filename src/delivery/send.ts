import type { OutboundPart } from '../channels/adapter.js';
import { changeDelivery, getOpen } from '../db/inbound/ledger.js';
import { tellAgent } from '../db/inbound/news.js';
import { noticeAt, sentences } from '../voice/index.js';
import { applyChange } from './apply.js';
import { attempt, requestFor } from './attempt.js';
import type { DeliveryContext } from './context.js';
import { type Advance, type Due, nextOf } from './due.js';
import { type LoadedFiles, loadFiles, withoutFiles } from './files.js';
import { news } from './news.js';
import type { Failure } from './outcome.js';
import { afterFailure, announced, CHANNEL_DOWN, givenUp, sentAs } from './policy.js';
import { probe } from './probe.js';
import type { SessionQueue } from './session-queue.js';

/** One attempt at one part: announced on disk, made, and its outcome recorded. */
export async function sendPart(context: DeliveryContext, queue: SessionQueue, due: Due): Promise<Advance> {
  const { clock, crashPoint } = context.deps;
  const part = await completePart(context, queue, due);
  if (part === null) return 'again';
  const free = await context.slots.take(due.entry.to.channelType);
  const sentAt = clock.now();
  try {
    if (!(await announce(context, queue, due))) return context.stopping() ? 'rest' : 'again';
    crashPoint('delivery:before-send');
    const request = requestFor(queue.sessionId, due.entry, part);
    const outcome = await attempt(due.adapter, request, clock);
    crashPoint('delivery:after-send');
    // Recording it may take as long as the session's file cannot be written: others need not wait for that.
    free();
    if (outcome.kind === 'failed') return await failed(context, queue, due, outcome, sentAt);
    return await succeeded(context, queue, due, outcome.messageIds);
  } finally {
    free();
  }
}

/** Puts the files in. Null: nothing is left to say, and that is recorded. */
async function completePart(
  context: DeliveryContext,
  queue: SessionQueue,
  { entry, planned, adapter }: Due,
): Promise<OutboundPart | null> {
  const { deps } = context;
  const { part, files } = planned;
  const session = deps.sessions.get(queue.sessionId);
  if (part.type !== 'text' || files.length === 0 || !session) return part;
  // Files alone are the channel's own to refuse, in its own words.
  const taken = adapter.capabilities.files || part.text === '';
  const loaded = taken
    ? await loadFiles(deps.sessions.paths(session).out, files, deps.readFile)
    : withoutFiles(files);
  if (loaded.files.length === 0 && part.text === '') {
    const reason = loaded.leftOut[0]?.reason ?? 'It has nothing to say.';
    await applyChange(context, queue, { entry, change: givenUp(entry, 'permanent', reason) });
    return null;
  }
  if (loaded.leftOut.length > 0) await tellLeftOut(context, queue, entry, loaded);
  return { ...part, files: loaded.files };
}

async function tellLeftOut(
  context: DeliveryContext,
  queue: SessionQueue,
  entry: Due['entry'],
  { leftOut }: LoadedFiles,
): Promise<void> {
  const now = context.deps.clock.now();
  const notices = await context.persist(queue.sessionId, (db) =>
    leftOut.flatMap(({ name, reason }, index) => {
      const about = `${entry.key}:${entry.part}:file:${index}`;
      tellAgent(db, { about, text: news.fileLeftOut(entry.seq, name, reason) }, now);
      const text = sentences.delivery.fileLeftOut({ name });
      const notice = { to: entry.to, text, afterSeq: entry.seq, dedupeKey: about };
      return noticeAt(db, notice, now) ?? [];
    }),
  );
  for (const notice of notices ?? []) queue.put(notice);
}

/**
 * After this the part counts as one that may have arrived. False: nothing is sent, for the host stops, or the part was
 * seen in a transaction that did not hold. Rejects where it cannot be written: the place is given back meanwhile, or a
 * session with a broken file would keep it from all others.
 */
async function announce(context: DeliveryContext, queue: SessionQueue, due: Due): Promise<boolean> {
  const { entry, begun } = due;
  if (context.stopping()) return false;
  if (begun) return queue.takeBegun(entry);
  const now = context.deps.clock.now();
  const sending = announced(entry, now);
  const stands = await context.deps.sessions.write(queue.sessionId, (db) => {
    changeDelivery(db, entry, sending, now);
    return getOpen(db, entry.key, entry.part) !== undefined;
  });
  if (stands) queue.put(sending);
  else queue.remove(entry);
  return stands;
}

async function succeeded(
  context: DeliveryContext,
  queue: SessionQueue,
  due: Due,
  messageIds: string[],
): Promise<Advance> {
  const { entry } = due;
  const { channelType, platformId } = entry.to;
  const recovered = context.pulse.succeeded(channelType, platformId);
  const row = queue.row(entry.key);
  if (row && !due.hasNext) context.deps.stages.sent(queue.sessionId, entry.to, row);
  const done = { entry, change: sentAs(entry), messageIds, next: nextOf(context, due) };
  const recorded = await applyChange(context, queue, done);
  context.deps.crashPoint('delivery:after-mark');
  if (recovered) context.wakeChannel(channelType);
  return recorded ? 'again' : 'rest';
}

async function failed(
  context: DeliveryContext,
  queue: SessionQueue,
  due: Due,
  outcome: Failure,
  sentAt: number,
): Promise<Advance> {
  const { to } = due.entry;
  // A failure that is sure tells nothing of an earlier attempt: that doubt stays.
  const doubtSince =
    outcome.errorClass === 'unknown' ? (due.entry.doubtSince ?? sentAt) : due.entry.doubtSince;
  const entry = { ...due.entry, doubtSince };
  if (outcome.errorClass === 'transient' || outcome.errorClass === 'unknown') {
    const anew = due.entry.errorClass === null || due.entry.errorClass === CHANNEL_DOWN;
    context.pulse.failed(to.channelType, to.platformId, anew);
  }
  const verdict = afterFailure(entry, outcome, context.facts(entry, outcome), context.deps.random);
  const { quiet } = due;
  const rest = { entry, quiet, next: nextOf(context, due) };
  const found =
    verdict.kind === 'probe' ? await probe(context, queue, due, verdict) : { ...verdict, tried: null };
  const recorded = await applyChange(context, queue, { ...rest, change: found.change, also: found.also });
  if (recorded && found.tried) queue.remove(found.tried);
  return recorded ? 'again' : 'rest';
}
