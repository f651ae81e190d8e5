import {
  type ChannelAdapter,
  type ChannelCapabilities,
  ChannelError,
  type ChannelErrorClass,
  type ChannelHealth,
  type DeliverRequest,
  type DeliverResult,
} from '../../src/channels/adapter.js';
import type { Clock } from '../../src/clock.js';

/** What the platform does with a request: take it, or an error; `lost`: it takes it and the answer is lost. */
export type Behaviour = 'ok' | 'lost' | 'hang' | Error;

export interface Arrival {
  platformId: string;
  threadId: string;
  /** `text`, or `edit <id>: text` and the like. */
  said: string;
  files: string[];
  replyTo: string | null;
  id: string;
  key: string;
}

/** A platform in memory: keeps what arrived in a log, drops a second send with the same key where it can. */
export interface FakeChannel {
  adapter: ChannelAdapter;
  /** What arrived, in order: the platform's own log. */
  arrived: Arrival[];
  /** Every request, arrived or not. */
  asked: DeliverRequest[];
  behave: (request: DeliverRequest) => Behaviour;
  /** What asking for the history does. */
  historyFails: Error | null;
  /** The history tells no keys: what looks alike is told by what is known of it. */
  forgetsKeys: boolean;
  setHealth(health: ChannelHealth): void;
  /** Lets hanging requests go on. */
  release(): void;
}

export const channelError = (errorClass: ChannelErrorClass, code = 'fake-refused', retryAfterMs?: number) =>
  new ChannelError(code, `The fake says ${errorClass}.`, 'Nothing.', {
    errorClass,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

const KEY_REMEMBERED_MS = 180_000;

export function createFakeChannel(options: {
  channelType?: string;
  capabilities?: Partial<ChannelCapabilities>;
  clock: Clock;
  /** Characters of one message. */
  max?: number;
}): FakeChannel {
  const { clock, max = 100 } = options;
  let health: ChannelHealth = { state: 'connected' };
  let waiting: (() => void)[] = [];
  const keys = new Map<string, { at: number; id: string }>();
  const capabilities: ChannelCapabilities = {
    ...{ threads: true, edits: true, reactions: true, typing: true, files: true, buttons: true },
    ...{ coldDirectMessages: true, textLimit: { max, unit: 'utf16' }, idempotency: false, history: false },
    waitsForEver: false,
    ...options.capabilities,
  };

  function take(request: DeliverRequest): DeliverResult {
    const { idempotencyKey: key, to } = request;
    const known = keys.get(key);
    if (capabilities.idempotency && known && clock.now() - known.at < KEY_REMEMBERED_MS) {
      return { messageIds: [known.id] };
    }
    const id = `m${fake.arrived.length + 1}`;
    keys.set(key, { at: clock.now(), id });
    const { platformId, threadId } = to;
    fake.arrived.push({ platformId, threadId, ...saidIn(request), id, key });
    const { type } = request.part;
    return { messageIds: type === 'edit' || type === 'reaction' ? [] : [id] };
  }

  async function deliver(request: DeliverRequest): Promise<DeliverResult> {
    fake.asked.push(request);
    const how = fake.behave(request);
    if (how instanceof Error) throw how;
    if (how === 'hang') {
      await new Promise<void>((resolve, reject) => {
        waiting.push(resolve);
        request.signal.addEventListener('abort', () => reject(channelError('unknown', 'fake-timeout')));
      });
    }
    const result = take(request);
    if (how === 'lost') throw channelError('unknown', 'fake-cut');
    return result;
  }

  const adapter: ChannelAdapter = {
    channelType: options.channelType ?? 'fake',
    capabilities,
    start: async () => {},
    stop: async () => {},
    health: () => health,
    splitText: (text) => text.match(new RegExp(`[\\s\\S]{1,${max}}`, 'g')) ?? [],
    deliver,
    setTyping: async () => {},
    async findSent(request, _sentAt, isAnother) {
      if (fake.historyFails) throw fake.historyFails;
      const { platformId } = request.to;
      const looksLikeIt = (one: Arrival) =>
        fake.forgetsKeys
          ? one.platformId === platformId && one.said === saidIn(request).said && !isAnother?.(one.id)
          : one.key === request.idempotencyKey;
      const found = fake.arrived.find(looksLikeIt);
      return found ? { messageIds: [found.id] } : null;
    },
  };
  const fake: FakeChannel = {
    adapter,
    arrived: [],
    asked: [],
    behave: () => 'ok',
    historyFails: null,
    forgetsKeys: false,
    setHealth(next) {
      health = next;
    },
    release() {
      for (const resolve of waiting) resolve();
      waiting = [];
    },
  };
  return fake;
}

function saidIn({ part }: DeliverRequest): Pick<Arrival, 'said' | 'files' | 'replyTo'> {
  const nothing = { files: [], replyTo: null };
  switch (part.type) {
    case 'text':
      return {
        said: part.text,
        files: part.files.map((file) => `${file.name}=${file.data.toString()}`),
        replyTo: part.replyTo,
      };
    case 'edit':
      return { said: `edit ${part.messageId}: ${part.text}`, ...nothing };
    case 'reaction':
      return { said: `react ${part.messageId}: ${part.emoji}`, ...nothing };
    case 'question':
      return { said: `ask: ${part.question}`, ...nothing };
    case 'card':
      return { said: `card: ${part.fallbackText}`, ...nothing };
  }
}
