import type { Chat } from 'chat';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log.js';
import type { ChannelHost, InboundEvent } from '../adapter.js';
import type { ChannelFacts } from '../catalog.js';
import { channelErrorOf } from './errors.js';
import type { EventFactory } from './events.js';
import { createLanes } from './lanes.js';
import { type ChatSdkPlatform, HistoryStartGone, type ThreadMessage } from './platform.js';

export interface IntakeDeps {
  facts: ChannelFacts;
  platform: ChatSdkPlatform;
  events: EventFactory;
  host: ChannelHost;
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
      const event = await understood(() => events.message(entry));
      if (event) yield event;
    }
  }

  /** The message after which the history of a chat is to be read; null: that cannot be told. */
  const startOf = ({ lastMessageId, lastAt }: Cursor): string | null =>
    lastMessageId ?? platform.idAt?.(lastAt) ?? null;

  const lanes = createLanes({
    receive: (event) => host.receive(event),
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

  /** What cannot be made into an event never will be: it may not hold up its chat for ever. */
  async function understood(make: () => Promise<InboundEvent>): Promise<InboundEvent | null> {
    try {
      return await make();
    } catch (error) {
      deps.log.error({ code: codeOf(error), reason: reasonOf(error) }, 'an event was not understood');
      return null;
    }
  }

  /** False: not taken in, and not by a second delivery either. */
  async function take(threadId: string, make: () => Promise<InboundEvent>): Promise<boolean> {
    if (!platform.redelivers) {
      return lanes.push(events.addressOf(threadId, null).platformId, () => understood(make));
    }
    const event = await understood(make);
    if (event) await host.receive(event);
    return true;
  }

  /** What no history has, or its platform can send again: it is to be shown that it failed. */
  async function takeOrFail(threadId: string, make: () => Promise<InboundEvent>): Promise<void> {
    if (!(await take(threadId, make))) throw new Error('the event was not taken in');
  }

  return {
    attach(chat) {
      const onMessage = async (thread: { id: string }, message: ThreadMessage['message']) => {
        const make = () => events.message({ threadId: thread.id, message });
        await (platform.webhook ? takeOrFail(thread.id, make) : take(thread.id, make));
      };
      chat.onDirectMessage(onMessage);
      chat.onNewMention(onMessage);
      chat.onSubscribedMessage(onMessage);
      chat.onNewMessage(/(?:)/, onMessage);
      chat.onReaction(async (event) => {
        if (event.added) await takeOrFail(event.threadId, () => events.reaction(event));
      });
      chat.onAction((event) => takeOrFail(event.threadId, () => events.click(event)));
    },
    fillGaps: () => fillGaps(() => true),
    lookBack: () => fillGaps((platformId) => !lanes.isBusy(platformId), earlierStartOf),
    history,
  };
}
