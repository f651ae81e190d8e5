import type { Clock } from '../clock.js';

/**
 * What recent attempts tell of a channel: is it down, or does one message fail alone? Kept in memory: after a
 * restart it is learned again.
 */
export interface Pulse {
  /** True where some chat was failing: what waits for the channel may try. */
  succeeded(channelType: string, chat: string): boolean;
  /** `anew`: what fails has not failed alone before, so nothing that went through until now proves anything of it. */
  failed(channelType: string, chat: string, anew: boolean): void;
  /** Every chat that tried has failed, and more than one did, since anything went through. */
  allFail(channelType: string): boolean;
  /** Something went through after this chat began to fail. */
  provenSince(channelType: string, chat: string): boolean;
}

interface State {
  succeededAt: number;
  /** Chats that fail: since when, and when last. */
  failing: Map<string, { since: number; last: number }>;
}

export function createPulse(clock: Pick<Clock, 'monotonic'>): Pulse {
  const channels = new Map<string, State>();
  const stateOf = (channelType: string): State => {
    const known = channels.get(channelType);
    if (known) return known;
    const fresh: State = { succeededAt: Number.NEGATIVE_INFINITY, failing: new Map() };
    channels.set(channelType, fresh);
    return fresh;
  };
  return {
    succeeded(channelType, chat) {
      const state = stateOf(channelType);
      const recovered = state.failing.size > 0;
      state.succeededAt = clock.monotonic();
      state.failing.delete(chat);
      return recovered;
    },
    failed(channelType, chat, anew) {
      const { failing } = stateOf(channelType);
      const last = clock.monotonic();
      const known = anew ? undefined : failing.get(chat);
      failing.set(chat, { since: known?.since ?? last, last });
    },
    allFail(channelType) {
      const { failing, succeededAt } = stateOf(channelType);
      let since = 0;
      for (const { last } of failing.values()) if (last >= succeededAt) since += 1;
      // A chat that failed before the last success and has not been tried again tells nothing of now.
      return since > 1;
    },
    provenSince(channelType, chat) {
      const { failing, succeededAt } = stateOf(channelType);
      const since = failing.get(chat)?.since;
      return since !== undefined && succeededAt > since;
    },
  };
}
