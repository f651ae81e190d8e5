import type { ChannelAdapter, DeliverRequest, InboundEvent } from '../../../src/channels/adapter.js';

export const BENCH_CHANNEL = 'bench';

/** A channel without a platform: what is delivered is handed to whoever waits for it, at the moment of the call. */
export function createBenchAdapter() {
  const waiting = new Map<string, ((request: DeliverRequest) => void)[]>();
  let messages = 0;
  const arrivals = {
    /** The next thing said in this chat. */
    next: (chat: string) =>
      new Promise<DeliverRequest>((resolve) => {
        const platformId = `${BENCH_CHANNEL}:${chat}`;
        waiting.set(platformId, [...(waiting.get(platformId) ?? []), resolve]);
      }),
  };
  const adapter: ChannelAdapter & { event(chat: string, text: string, threadId?: string): InboundEvent } = {
    channelType: BENCH_CHANNEL,
    capabilities: {
      ...{ threads: true, edits: true, reactions: true, typing: true, files: true, buttons: true },
      ...{ coldDirectMessages: true, textLimit: { max: 4000, unit: 'utf16' } },
      ...{ idempotency: true, history: false, waitsForEver: false },
    },
    start: async () => {},
    stop: async () => {},
    health: () => ({ state: 'connected' }),
    splitText: (text) => [text],
    async deliver(request) {
      waiting.get(request.to.platformId)?.shift()?.(request);
      messages += 1;
      return { messageIds: [`out-${messages}`] };
    },
    setTyping: async () => {},
    event(chat, text, threadId = '') {
      messages += 1;
      return {
        ...{ channelType: BENCH_CHANNEL, platformId: `${BENCH_CHANNEL}:${chat}`, threadId },
        ...{ messageId: `in-${messages}`, kind: 'message', chatName: chat, isGroup: false, mentioned: true },
        sender: { id: 'bench:ada', name: 'Ada', isBot: false, self: false },
        ...{ text, replyTo: null, attachments: [], at: Date.now() },
      };
    },
  };
  return { adapter, arrivals };
}
