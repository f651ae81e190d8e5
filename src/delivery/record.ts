import { handleSystemAction } from '../actions/handle.js';
import { type Address, sameThread } from '../address.js';
import { type Behind, behindTurn, UNKNOWN } from '../db/inbound/behind.js';
import { saveDeliveryCursor } from '../db/inbound/delivery-cursor.js';
import type { Destination } from '../db/inbound/destinations.js';
import type { InboundDb } from '../db/inbound/index.js';
import { insertDelivery, type OpenDelivery } from '../db/inbound/ledger.js';
import { REFUSED } from '../db/inbound/ledger-troubles.js';
import { applyAcks } from '../db/inbound/messages-in.js';
import { tellAgent } from '../db/inbound/news.js';
import { getTask } from '../db/inbound/tasks.js';
import type { Session } from '../db/types.js';
import {
  type ChatContent,
  chatContentSchema,
  type OutboundRead,
  type OutboundRow,
  systemContentSchema,
} from '../outbound-reader/types.js';
import { noticeAt, sentences } from '../voice/index.js';
import { addressOf, ownAddress } from './address.js';
import { news } from './news.js';
import { announced } from './policy.js';
import type { DeliveryDeps } from './types.js';

export interface RecordInput {
  session: Session;
  read: Extract<OutboundRead, { kind: 'rows' }>;
  cursor: { seq: number; ack: number };
  incarnation: number | null;
  /** The chats that the agent group is wired to now. */
  reachable: readonly Destination[];
  /** May the first new message of this lane be sent as soon as this is committed? */
  mayBegin(to: Address): boolean;
}

export interface Recorded {
  cursor: { seq: number; ack: number };
  /** What is to be sent, in order; those that `mayBegin` allowed are `sending` already. */
  added: OpenDelivery[];
  /** The rows of `added`, by ledger key. */
  rows: Map<string, OutboundRow>;
  /** An action made work for the agent. */
  wake: boolean;
}

export const outKey = (row: Pick<OutboundRow, 'id'>) => `out:${row.id}`;

const LONGEST_DELAY_MS = 31 * 24 * 3_600_000;

/**
 * False for claims alone of what is no task: nothing follows from them, they give way to the ack that ends the message,
 * and a commit for each would be one of three that a message costs here.
 */
export function changesAnything(db: InboundDb, read: RecordInput['read']): boolean {
  if (read.rows.length > 0 || read.more) return true;
  return read.acks.some((ack) => ack.status !== 'processing' || getTask(db, ack.messageId) !== undefined);
}

/**
 * Takes over what a container wrote, in one transaction of inbound.db: rows into the ledger, system rows done, acks
 * applied, cursor moved. So each row is taken over once, whatever ends when.
 */
export function recordRead(
  db: InboundDb,
  input: RecordInput,
  deps: Pick<DeliveryDeps, 'actions' | 'tasks' | 'clock' | 'log'>,
): Recorded {
  const { read, cursor } = input;
  const now = deps.clock.now();
  const recorded: Recorded = { cursor: { ...cursor }, added: [], rows: new Map(), wake: false };
  // Before the acks, and so before what they end is not open any more.
  const requests = read.rows.filter((row) => row.kind === 'system');
  const behind = new Map(requests.map((row) => [row.id, behindTurn(db, row, now)]));
  // Before the rows: what a task says about itself as it ends is about its next run.
  const applied = applyAcks(db, read.acks, input.incarnation);
  deps.tasks.begun(db, applied.processing, now);
  deps.tasks.settled(db, [...applied.done, ...applied.failed], now, input.reachable);
  for (const row of read.rows) {
    recorded.cursor.seq = row.seq;
    if (row.kind === 'system')
      recordSystem(db, row, { ...input, behind: behind.get(row.id) ?? UNKNOWN }, recorded, deps);
    else recordChat(db, row, input, recorded, now);
  }
  for (const ack of read.acks) recorded.cursor.ack = Math.max(recorded.cursor.ack, ack.n);
  saveDeliveryCursor(db, recorded.cursor);
  return recorded;
}

function recordChat(
  db: InboundDb,
  row: OutboundRow,
  input: RecordInput,
  recorded: Recorded,
  now: number,
): void {
  const content = chatContentSchema.safeParse(row.content);
  if (!content.success) {
    const reason = row.problem ?? 'it has no known form';
    const place = ownAddress(db, row, input.reachable);
    refuse(db, row, { reason, to: place.kind === 'to' ? place.to : null }, recorded, now);
    return;
  }
  const place = addressOf(db, row, content.data, input.reachable);
  if (place.kind === 'refused') {
    refuse(db, row, { reason: place.reason, to: null }, recorded, now);
    return;
  }
  const due = Math.min(Math.max(now, row.deliverAfter ?? now), now + LONGEST_DELAY_MS);
  const begin = due === now && !recorded.added.some((one) => sameThread(one.to, place.to));
  add(db, row, content.data, { to: place.to, due, begin: begin && input.mayBegin(place.to) }, recorded, now);
}

function add(
  db: InboundDb,
  row: OutboundRow,
  content: ChatContent,
  where: { to: Address; due: number; begin: boolean },
  recorded: Recorded,
  now: number,
): void {
  const waiting: OpenDelivery = {
    key: outKey(row),
    part: 0,
    seq: row.seq,
    to: where.to,
    state: 'failed',
    attempts: 0,
    nextAttemptAt: where.due,
    doubtSince: null,
    errorClass: null,
    lastError: null,
    createdAt: where.due,
  };
  const entry = where.begin ? announced(waiting, now) : waiting;
  // The container used an id twice: what it names was taken over before.
  if (!insertDelivery(db, entry, now)) return;
  recorded.added.push(entry);
  recorded.rows.set(entry.key, { ...row, content });
}

/** Not sent, and never will be: the agent hears why; the chat, if it is one of ours, that something is missing. */
function refuse(
  db: InboundDb,
  row: OutboundRow,
  why: { reason: string; to: Address | null },
  recorded: Recorded,
  now: number,
): void {
  settleAtOnce(db, row, { state: 'dead', errorClass: REFUSED, lastError: why.reason }, now);
  tellAgent(db, { about: outKey(row), text: news.refused(row.seq, why.reason) }, now);
  if (!why.to) return;
  const text = sentences.delivery.refused();
  const entry = noticeAt(db, { to: why.to, text, afterSeq: row.seq, dedupeKey: null }, now);
  if (entry) recorded.added.push(entry);
}

function recordSystem(
  db: InboundDb,
  row: OutboundRow,
  input: RecordInput & { behind: Behind },
  recorded: Recorded,
  deps: Pick<DeliveryDeps, 'actions' | 'clock' | 'log'>,
): void {
  const now = deps.clock.now();
  const request = systemContentSchema.safeParse(row.content);
  if (!request.success) {
    refuse(db, row, { reason: row.problem ?? 'it has no known form', to: null }, recorded, now);
    return;
  }
  const place = ownAddress(db, row, input.reachable);
  const context = { session: input.session, db, requestId: row.id, behind: input.behind, now };
  const origin = place.kind === 'to' ? place.to : null;
  const outcome = handleSystemAction(request.data, { ...context, origin }, deps);
  if (outcome.kind === 'refused') {
    settleAtOnce(db, row, { state: 'dead', errorClass: REFUSED, lastError: outcome.reason }, now);
  } else {
    settleAtOnce(db, row, { state: 'sent', errorClass: null, lastError: null }, now);
    recorded.wake ||= outcome.wake;
  }
}

function settleAtOnce(
  db: InboundDb,
  row: OutboundRow,
  as: { state: 'sent' | 'dead'; errorClass: string | null; lastError: string | null },
  now: number,
): void {
  const to = { channelType: '', platformId: '', threadId: '' };
  const settled = { nextAttemptAt: null, doubtSince: null, createdAt: now };
  insertDelivery(db, { key: outKey(row), part: 0, seq: row.seq, to, ...as, ...settled }, now);
}
