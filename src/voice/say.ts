import type { Address } from '../address.js';
import { within } from '../async/deadline.js';
import { type ChannelAdapter, ChannelError, type OutboundPart } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import { newId } from '../ids.js';
import type { Sentence } from './sentences.js';

const SEND_TIMEOUT_MS = 10_000;

/** Says something short at once. Nothing is kept and nothing is tried again. Rejects with a ChannelError. */
export type Say = (to: Address, text: Sentence) => Promise<void>;

export function createSay(deps: {
  clock: Clock;
  channels: { get(channelType: string): ChannelAdapter | undefined };
}): Say {
  return async (to, text) => {
    const adapter = deps.channels.get(to.channelType);
    if (!adapter) {
      const fix = `Enable it: ./wharfie channel --enable ${to.channelType}`;
      throw new ChannelError('channel-not-enabled', `The channel ${to.channelType} is not enabled.`, fix, {
        errorClass: 'permanent',
      });
    }
    for (const piece of adapter.splitText(text)) {
      const part: OutboundPart = { type: 'text', text: piece, files: [], replyTo: null };
      await within(deps.clock, SEND_TIMEOUT_MS, undefined, (signal) =>
        adapter.deliver({ to, part, idempotencyKey: newId('out'), signal }),
      );
    }
  };
}
