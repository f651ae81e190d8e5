import { AsyncLocalStorage } from 'node:async_hooks';
import type { Address } from '../../address.js';
import { reasonOf } from '../../errors.js';
import type {
  ChannelAdapter,
  ChannelHealth,
  ChannelHost,
  DeliverRequest,
  DeliverResult,
  InboundEvent,
} from '../adapter.js';
import { normalizePlatformId } from '../catalog/index.js';
import { createEventFactory } from './events.js';
import { createAttempt } from './guard.js';
import { imageless } from './imageless.js';
import type { ChatSdkChannel } from './index.js';
import { createIntake } from './intake.js';
import { pause } from './lanes.js';
import { createSdkLogger } from './logger.js';
import { createChatNames } from './names.js';
import { createOutbound, type Outbound } from './outbound.js';
import type { Changes, ChatSdkPlatform, ConnectContext, ResolvedChat } from './platform.js';
import { createSqliteState } from './state.js';
import { leaveUnread } from './unread.js';
import { createWebhookHandler, settled, TrackingChat } from './webhook.js';

export interface ConnectionDeps extends ChatSdkChannel {
  host: ChannelHost;
  splitText(text: string): string[];
  onHealth(health: ChannelHealth): void;
}

/** One connection of a channel, from its start to its stop. */
export interface Connection {
  /** Resolves when it stands; rejects when it cannot. */
  readonly opened: Promise<void>;
  close(): Promise<void>;
  botName(): string | null;
  deliver(request: DeliverRequest): Promise<DeliverResult>;
  setTyping(to: Address): Promise<void>;
  resolveChat(platformId: string): Promise<ResolvedChat | null>;
  history(platformId: string, after: string, signal: AbortSignal): AsyncIterable<InboundEvent>;
  findSent: NonNullable<ChannelAdapter['findSent']>;
  retake: NonNullable<ChannelAdapter['retake']>;
}

/** How often a platform that calls is asked what it has called in vain, where it has a history. */
const LOOK_BACK_MS = 10 * 60_000;

/** What the Chat SDK's adapters call a bot whose platform does not tell them its name. */
const NAMELESS = 'bot';

interface Parts {
  platform: ChatSdkPlatform;
  chat: TrackingChat;
  outbound: Outbound;
  history: Connection['history'];
}

/** Builds the adapter, the Chat SDK and our intake around it, and connects. */
export function openConnection(deps: ConnectionDeps): Connection {
  const { facts } = deps;
  const ending = new AbortController();
  const delivery = new AsyncLocalStorage<DeliverRequest>();
  let parts: Parts | null = null;
  let stands = false;
  let fillGaps = () => {};
  let lookBack = () => {};
  let changes: Changes | null = null;
  let route: { close(): Promise<void> } | null = null;

  const log = deps.deps.log.child({ channel: facts.type });
  const attempt = createAttempt({
    channelType: facts.type,
    unread: (message, error) => deps.host.unread(message, error),
    ...{ clock: deps.deps.clock, random: deps.deps.random, log, signal: ending.signal },
  });
  const context: ConnectContext = {
    ...deps.deps,
    log,
    delivery,
    attempt,
    signal: ending.signal,
    changes: {
      edited: async (...edit) => changes?.edited(...edit),
      restored: async (...again) => changes?.restored(...again),
      deleted: async (message) => changes?.deleted(message),
    },
    moved: (from, to) =>
      deps.host.moved?.({
        from: normalizePlatformId(facts.type, from),
        to: normalizePlatformId(facts.type, to),
      }),
    admits: (asked) => deps.host.admits?.(asked) ?? 'all',
    connected(gap) {
      stands = true;
      if (gap) fillGaps();
      deps.onHealth({ state: 'connected' });
    },
    disconnected(health) {
      stands = false;
      deps.onHealth(health);
    },
  };

  async function build(): Promise<Parts> {
    const platform = await deps.connect(context);
    leaveUnread(platform.adapter, platform.readText);
    const { clock, random, log, stateDir } = context;
    const state = createSqliteState({ stateDir, clock });
    const outbound = createOutbound({ facts, platform, state, delivery, splitText: deps.splitText });
    const names = createChatNames(platform.adapter, clock);
    const events = createEventFactory({ facts, platform, names, clock, log, choice: outbound.choice });
    const { host } = deps;
    const { signal } = ending;
    const intake = createIntake({ facts, platform, events, host, attempt, clock, random, log, signal });
    fillGaps = intake.fillGaps;
    lookBack = intake.lookBack;
    changes = intake.changes;
    const chat = new TrackingChat({
      adapters: { [platform.adapter.name]: platform.adapter },
      userName: platform.adapter.userName,
      state,
      logger: createSdkLogger(log),
      // Its default throws a second message away while the first is handled.
      concurrency: 'concurrent',
    });
    intake.attach(chat);
    return { platform, chat, outbound, history: intake.history };
  }

  async function open(): Promise<void> {
    parts = await build();
    const { chat, platform } = parts;
    await chat.initialize();
    if (!platform.open && !platform.webhook) context.connected(true);
    // A Chat hides `processReaction` and its like from applications; an adapter is given the same object with them.
    await platform.open?.(chat);
    if (platform.webhook) await listen(platform, chat);
    if (ending.signal.aborted) throw new Error('stopped while connecting');
  }

  /** From the first request on nothing is missed: what came before is read first. */
  async function listen(platform: ChatSdkPlatform, chat: TrackingChat): Promise<void> {
    const handle = createWebhookHandler({ platform, chat, log: context.log });
    let standing: Promise<void> = Promise.resolve();
    const opening = context.webhooks.open(facts.type, async (request) => {
      await standing;
      return handle(request);
    });
    standing = opening.then((opened) => {
      route = opened;
      context.connected(true);
    });
    await standing;
    void lookBackRegularly();
  }

  /** A call that never came leaves no trace here: the tunnel was down, or the platform has given up. */
  async function lookBackRegularly(): Promise<void> {
    for (;;) {
      await pause({ clock: context.clock, signal: ending.signal }, LOOK_BACK_MS);
      if (ending.signal.aborted) return;
      if (stands) lookBack();
    }
  }

  const built = (): Parts => {
    if (!parts) throw new Error(`${facts.label} is not connected`);
    return parts;
  };

  const opened = open();
  return {
    opened,
    async close() {
      ending.abort();
      await opened.catch(() => {});
      await route?.close();
      await parts?.platform.close?.();
      await parts?.chat.shutdown();
    },
    botName() {
      const name = parts?.platform.adapter.userName ?? '';
      return name === NAMELESS ? null : name || null;
    },
    deliver: async (request) => built().outbound.deliver(request),
    async setTyping(to) {
      const { platform } = built();
      const threadId = platform.threadIdOf?.(to) ?? [to.platformId, to.threadId].filter(Boolean).join(':');
      await platform.adapter.startTyping(threadId).catch((error) => {
        if (stands) context.log.debug({ chat: to.platformId, reason: reasonOf(error) }, 'typing not shown');
      });
    },
    async resolveChat(platformId) {
      const { platform } = built();
      if (platform.resolveChat) return platform.resolveChat(platformId);
      const stored = normalizePlatformId(facts.type, platformId);
      const info = await platform.adapter.fetchChannelInfo?.(stored).catch(() => null);
      return info ? { platformId: stored, name: info.name ?? stored, isGroup: info.isDM !== true } : null;
    },
    history: (platformId, after, signal) => built().history(platformId, after, signal),
    async retake(raw) {
      const { platform, chat } = built();
      const { failures } = await settled(chat, async () => platform.retake(raw));
      for (const error of failures) throw error;
    },
    // It is looked for as it was said.
    findSent: async (request, ...asked) =>
      (await built().platform.findSent?.({ ...request, part: imageless(request.part) }, ...asked)) ?? null,
  };
}
