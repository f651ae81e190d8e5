import type { Address, InboundMessage } from './db/messages-in.ts';
import type { TurnRecord } from './db/session-state.ts';
import type { Answer } from './providers/types.ts';

/** Messages that were given to the model together. */
export interface Push {
  /** The names under which they were given to it; the last one is the one that counts now. */
  uuids: string[];
  messages: InboundMessage[];
  /** Ids of silent context that ends with these messages. */
  contextIds: string[];
  /** The model has read them. */
  takenIn: boolean;
  /** When it was claimed, and when the model first answered after that; epoch milliseconds, null: not (seen). */
  claimedAt: number | null;
  firstByteAt: number | null;
}

/** From the first push to the result that closes it. Everything it says goes to one chat and thread. */
export interface Turn {
  id: string;
  address: Address;
  pushes: Push[];
  /** The highest inbound seq that the agent has been shown. */
  lastSeq: number;
  /** Something was sent to the chat of the turn before its end. */
  spoke: boolean;
  /** Why the agent chose to say nothing, since the last message it took in. */
  silence: string | null;
  /** What was written before the conversation had to begin anew; null: another process heard it. */
  written: Answer[] | null;
}

export function sameAddress(a: Address, b: Address): boolean {
  return a.channelType === b.channelType && a.platformId === b.platformId && a.threadId === b.threadId;
}

export function liveUuid(push: Push): string {
  return push.uuids.at(-1) ?? '';
}

/** Ids of everything that ends with these pushes. */
export function idsOf(pushes: Push[]): string[] {
  return pushes.flatMap((push) => [...push.messages.map((message) => message.id), ...push.contextIds]);
}

/** The message that a reply to these pushes answers: the last one said in the chat. */
export function lastMessage(pushes: Push[]): InboundMessage | null {
  const messages = pushes.flatMap((push) => push.messages).filter((message) => message.trigger);
  return messages.at(-1) ?? null;
}

export function recordOf(turn: Turn): TurnRecord {
  const pushes = turn.pushes.map((push) => ({ uuids: push.uuids, messageIds: idsOf([push]) }));
  return { turnId: turn.id, address: turn.address, pushes };
}
