import type { Chat } from 'chat';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { ChannelError, type ChannelHost, type InboundEvent } from '../adapter.js';
import type { ChannelFacts } from '../catalog/index.js';
import { channelErrorOf } from './errors.js';
import type { EventFactory } from './events.js';
import type { Attempt, Packet } from './guard.js';
import { createLanes } from './lanes.js';
import { type Changes, type ChatSdkPlatform, HistoryStartGone, type ThreadMessage } from './platform.js';

export interface IntakeDeps {
  facts: ChannelFacts;
  platform: ChatSdkPlatform;
  events: EventFactory;
  host: ChannelHost;
  attempt: Attempt;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

export interface Intake {
  /** Takes over every event of this Chat SDK instance. Its handlers reject when an event could not be made durable. */
  attach(chat: Chat): void;
  /** Reads what was said in the wired chats since their cursors, before what comes from now on. */
  fillGaps(): void;
  /** The same, only where nothing is being taken in: for whoever just looks whether something was missed. */
  lookBack(): void;
  readonly changes: Changes;
  /** Messages after the cursor as events, oldest first. */
  history(platformId: string, after: string, signal: AbortSignal): AsyncIterable<InboundEvent>;
}

type Cursor = ReturnType<ChannelHost['cursors']>[number];

/** How far behind the last message a look back goes: three times as far as from one look to the next. */
const OVERLAP_MS = 30 * 60_000;

export function createIntake(deps: IntakeDeps): Intake {
  const { platform, events, host } = deps;
  const openedAt = deps.clock.now();

  async function* entriesAfter(platformId: string, after: string, signal: AbortSignal) {
    if (!platform.history) return;
    try {
      yield* platform.history(platformId, after, signal);
    } catch (error) {
      if (!(error instanceof HistoryStartGone)) throw error;
      const cursor = host.cursors().find((one) => one.platformId === platformId);
      const start = cursor ? platform.idAt?.(cursor.lastAt) : undefined;
      if (start !== undefined) yield* platform.history(platformId, start, signal);
    }
  }

  async function* history(platformId: string, after: string, signal: AbortSignal) {
    for await (const entry of entriesAfter(platformId, after, signal)) {
      if (entry.message.author.isMe) continue;
      const event = await understood(packetOf(entry), () => events.message(entry));
      if (event) yield event;
    }
  }

  /** The message after which the history of a chat is to be read; null: that cannot be told. */
  const startOf = ({ lastMessageId, lastAt }: Cursor): string | null =>
    lastMessageId ?? platform.idAt?.(lastAt) ?? null;

  const lanes = createLanes({
    receive,
    history: platform.history ? history : null,
    cursor(platformId) {
      const found = host.cursors().find((one) => one.platformId === platformId);
      return found ? startOf(found) : null;
    },
    isPermanent: (error) => channelErrorOf(error, deps.facts).errorClass === 'permanent',
    clock: deps.clock,
    random: deps.random,
    log: deps.log,
    signal: deps.signal,
  });

  function fillGaps(which: (platformId: string) => boolean, from = startOf): void {
    if (!platform.history) return;
    for (const cursor of host.cursors()) {
      const start = from(cursor);
      if (start !== null && which(cursor.platformId)) lanes.fillGap(cursor.platformId, start);
    }
  }

  /**
   * A call may come to nothing and a later one come through: the last message says nothing of those before it. What
   * came since this connection stands is known to the host, and changes nothing when it comes again.
   */
  function earlierStartOf(cursor: Cursor): string | null {
    const { lastAt, wiredAt } = cursor;
    const from = Math.max(lastAt - OVERLAP_MS, openedAt, wiredAt ?? lastAt);
    return (from < lastAt ? platform.idAt?.(from) : undefined) ?? startOf(cursor);
  }

  /** The host decides by itself what it gives up: whatever it throws is no fault of the packet here. */
  async function receive(event: InboundEvent): Promise<void> {
    try {
      await host.receive(event);
    } catch (cause) {
      if (codeOf(cause) !== '') throw cause;
      const fix = 'Nothing to do: it is tried again by itself.';
      const options = { errorClass: 'transient', cause } as const;
      throw new ChannelError('intake-failed', reasonOf(cause), fix, options);
    }
  }

  const packetOf = ({ threadId, message }: ThreadMessage): Packet => ({
    ...placeOf(threadId, message),
    messageId: message.id,
    senderId: message.author.userId,
    at: message.metadata.dateSent.getTime(),
    raw: message.raw,
  });

  const packetOfAct = (event: { threadId: string; messageId: string; user: { userId: string } }): Packet => ({
    ...placeOf(event.threadId, null),
    messageId: `act:${event.messageId}:${event.user.userId}`,
    senderId: event.user.userId,
    raw: null,
  });

  function placeOf(threadId: string, message: ThreadMessage['message'] | null) {
    try {
      return events.addressOf(threadId, message);
    } catch {
      // An id of no known form: packets of such a chat wait for each other, and for no other chat's.
      return { platformId: threadId };
    }
  }

  /** Null: it cannot be made into an event and was set aside. It may not hold up its chat for ever. */
  async function understood(packet: Packet, make: () => Promise<InboundEvent>): Promise<InboundEvent | null> {
    return (await deps.attempt(packet, make))?.value ?? null;
  }

  /** False: not taken in, and not by a second delivery either. */
  async function take(packet: Packet, make: () => Promise<InboundEvent>): Promise<boolean> {
    if (!platform.redelivers) {
      return lanes.push(packet.platformId ?? '', () => understood(packet, make));
    }
    const event = await understood(packet, make);
    if (event) await receive(event);
    return true;
  }

  /** What no history has, or its platform can send again: it is to be shown that it failed. */
  async function takeOrFail(packet: Packet, make: () => Promise<InboundEvent>): Promise<void> {
    if (!(await take(packet, make))) throw new Error('the event was not taken in');
  }

  return {
    changes: {
      edited: (entry, version, by) => takeOrFail(packetOf(entry), () => events.edited(entry, version, by)),
      restored: (entry, version) => takeOrFail(packetOf(entry), () => events.restored(entry, version)),
      deleted: (gone) =>
        takeOrFail(packetOfAct({ ...gone, user: { userId: gone.userId } }), () => events.deleted(gone)),
    },
    attach(chat) {
      const onMessage = async (thread: { id: string }, message: ThreadMessage['message']) => {
        const entry = { threadId: thread.id, message };
        const make = () => events.message(entry);
        await (platform.webhook ? takeOrFail : take)(packetOf(entry), make);
      };
      chat.onDirectMessage(onMessage);
      chat.onNewMention(onMessage);
      chat.onSubscribedMessage(onMessage);
      chat.onNewMessage(/(?:)/, onMessage);
      chat.onReaction(async (event) => {
        if (event.added) await takeOrFail(packetOfAct(event), () => events.reaction(event));
      });
      chat.onAction((event) => takeOrFail(packetOfAct(event), () => events.click(event)));
    },
    fillGaps: () => fillGaps(() => true),
    lookBack: () => fillGaps((platformId) => !lanes.isBusy(platformId), earlierStartOf),
    history,
  };
}
