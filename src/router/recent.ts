import { messageKey } from '../address.js';
import type { InboundEvent } from '../channels/adapter.js';

type Identity = Pick<InboundEvent, 'channelType' | 'platformId' | 'messageId'>;

export interface RecentEvents {
  has(event: Identity): boolean;
  add(event: Identity): void;
}

/**
 * The last events that were settled, so that a platform that redelivers at once changes no counter and repeats no
 * command either. What must never happen twice rests on the unique index of messages_in, not on this.
 */
export function createRecentEvents(limit: number): RecentEvents {
  const seen = new Set<string>();
  return {
    has: (event) => seen.has(messageKey(event)),
    add(event) {
      seen.add(messageKey(event));
      for (const oldest of seen) {
        if (seen.size <= limit) break;
        seen.delete(oldest);
      }
    },
  };
}
