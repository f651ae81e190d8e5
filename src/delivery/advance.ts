import type { OpenDelivery } from '../db/inbound/ledger.js';
import { noticeOf } from '../db/inbound/notices.js';
import { applyChange } from './apply.js';
import { askHistory, requestFor } from './attempt.js';
import { contentOf } from './content.js';
import type { DeliveryContext } from './context.js';
import { type Advance, type Due, nextOf } from './due.js';
import { headOf } from './order.js';
import { planParts } from './parts.js';
import {
  afterChannelDown,
  afterHistory,
  CHANNEL_DOWN,
  givenUp,
  laterAgain,
  resolveDoubt,
  sentAs,
  tooOld,
} from './policy.js';
import { sendPart } from './send.js';
import type { Lane, SessionQueue } from './session-queue.js';

/** How long what cannot be read just now is left alone. */
const UNREADABLE_MS = 2000;

/** One step of a lane: whatever is due at its head is sent, held, settled or given up. */
export async function advance(context: DeliveryContext, queue: SessionQueue, lane: Lane): Promise<Advance> {
  const { clock, channels } = context.deps;
  const head = headOf(lane.entries, clock.now());
  if (!head) return 'rest';
  const begun = queue.isBegun(head);
  // Left behind by a host that ended in the middle of a send: judged at once, whatever its lease.
  const leftBehind = head.state === 'sending' && !begun;
  if (!begun && !leftBehind && head.nextAttemptAt > clock.now())
    return expireBehind(context, queue, lane, head);
  // Announced and not made: nothing of it can have arrived.
  const entry: OpenDelivery = begun ? { ...head, doubtSince: null } : head;
  const adapter = channels.get(entry.to.channelType);
  if (!adapter || !context.isConnected(entry.to.channelType)) {
    return hold(context, queue, entry, adapter?.health().state ?? 'not enabled');
  }
  const said = await contentOf(queue, entry, context.deps);
  if (said.kind === 'later') return UNREADABLE_MS;
  if (said.kind === 'gone') {
    return giveUp(context, queue, entry, 'gone', 'The file of the conversation does not hold it any more.');
  }
  const { replyTo, targetIds } = said;
  const quiet = 'operation' in said.content && said.content.operation === 'reaction';
  const plan = planParts(said.content, { adapter, replyTo, targetIds });
  if (plan.kind === 'impossible') return giveUp(context, queue, entry, 'permanent', plan.reason, quiet);
  const planned = plan.parts[entry.part];
  if (!planned) return applied(await applyChange(context, queue, { entry, change: sentAs(entry) }));
  const next = plan.parts[entry.part + 1];
  return resolve(context, queue, { entry, begun, adapter, planned, hasNext: next !== undefined, quiet });
}

async function resolve(context: DeliveryContext, queue: SessionQueue, due: Due): Promise<Advance> {
  const { entry, adapter, planned, quiet } = due;
  switch (resolveDoubt(entry, planned.part.type, adapter, context.deps.clock.now())) {
    case 'send':
      return sendPart(context, queue, due);
    case 'wait':
      return applied(await applyChange(context, queue, { entry, change: laterAgain(entry) }));
    case 'stay-unknown':
      return giveUp(context, queue, entry, 'unknown', 'It is not known whether it arrived.', quiet, due);
    case 'ask-history':
      return ask(context, queue, due);
  }
}

async function ask(context: DeliveryContext, queue: SessionQueue, due: Due): Promise<Advance> {
  const { claims, deps } = context;
  const { clock, random } = deps;
  const { sessionId } = queue;
  const { entry, adapter, planned } = due;
  const request = requestFor(sessionId, entry, planned.part);
  const isAnother = (id: string) => claims.isAnother(sessionId, entry, id);
  const found = await askHistory(
    adapter,
    request,
    { sentAt: entry.doubtSince ?? clock.now(), isAnother },
    clock,
  );
  if (found === null) {
    // It has not arrived: as if it had never been tried.
    return sendPart(context, queue, { ...due, entry: { ...entry, doubtSince: null } });
  }
  if (found.kind === 'sent') {
    const { messageIds } = found;
    const next = nextOf(context, due);
    const recorded = await applyChange(context, queue, { entry, change: sentAs(entry), messageIds, next });
    claims.settle(sessionId, entry);
    return applied(recorded);
  }
  claims.settle(sessionId, entry);
  const change = afterHistory(entry, found, context.facts(entry, found), random);
  return applied(await applyChange(context, queue, { entry, change, next: nextOf(context, due) }));
}

/** Behind something that waits for the channel others grow old as well: each is given up at its own time. */
async function expireBehind(
  context: DeliveryContext,
  queue: SessionQueue,
  lane: Lane,
  head: OpenDelivery,
): Promise<Advance> {
  if (head.errorClass !== CHANNEL_DOWN) return 'rest';
  const next = lane.entries.find((entry) => entry !== head && noticeOf(entry.key) === null);
  if (!next || !tooOld(next, context.facts(next))) return 'rest';
  return giveUp(context, queue, next, CHANNEL_DOWN, head.lastError ?? 'The channel is down.');
}

async function hold(
  context: DeliveryContext,
  queue: SessionQueue,
  entry: OpenDelivery,
  state: string,
): Promise<Advance> {
  const reason = `The channel is ${state}.`;
  const change = afterChannelDown(entry, context.facts(entry), reason, context.deps.random);
  return applied(await applyChange(context, queue, { entry, change }));
}

async function giveUp(
  context: DeliveryContext,
  queue: SessionQueue,
  entry: OpenDelivery,
  errorClass: string,
  reason: string,
  quiet = false,
  due: Due | null = null,
): Promise<Advance> {
  const change = givenUp(entry, errorClass, reason);
  const next = due ? nextOf(context, due) : null;
  return applied(await applyChange(context, queue, { entry, change, quiet, next }));
}

const applied = (recorded: boolean): Advance => (recorded ? 'again' : 'rest');
