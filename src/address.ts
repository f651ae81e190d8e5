/** A chat of a channel. */
export interface Chat {
  channelType: string;
  platformId: string;
}

/** Where something is said: a chat of a channel and a thread in it (`''`: none). */
export interface Address extends Chat {
  threadId: string;
}

/** The address of something that has one, and nothing else of it. */
export function addressOf({ channelType, platformId, threadId }: Address): Address {
  return { channelType, platformId, threadId };
}

export function sameChat(a: Chat, b: Chat): boolean {
  return a.channelType === b.channelType && a.platformId === b.platformId;
}

export function sameThread(a: Address, b: Address): boolean {
  return sameChat(a, b) && a.threadId === b.threadId;
}

/** A key for maps in memory, the same for the same chat. Never stored. */
export function chatKey({ channelType, platformId }: Chat): string {
  return JSON.stringify([channelType, platformId]);
}

/** The same for a thread of a chat. */
export function threadKey({ channelType, platformId, threadId }: Address): string {
  return JSON.stringify([channelType, platformId, threadId]);
}

/** The same for a message of a platform, whose ids are unique in their chat. */
export function messageKey({ channelType, platformId, messageId }: Chat & { messageId: string }): string {
  return JSON.stringify([channelType, platformId, messageId]);
}
