import {
  type ChannelAdapter,
  ChannelError,
  type ChannelHealth,
  type ChannelHost,
  ChannelStartError,
} from '../adapter.js';
import { type ChannelFacts, missingCredentials } from '../catalog/index.js';
import { withoutImages } from '../images/index.js';
import type { ChannelDeps } from '../module.js';
import { splitMarkdown } from '../split/index.js';
import type { Connection } from './connection.js';
import type { ChatSdkPlatform, ConnectContext } from './platform.js';

export interface ChatSdkChannel {
  facts: ChannelFacts;
  deps: ChannelDeps;
  /** What the platform is sent for a Markdown text: its length limit counts there. Default: the text itself. */
  render?: (markdown: string) => string;
  /** Makes what is special about this channel, at each start. Loads the channel's package: not before it is needed. */
  connect(context: ConnectContext): Promise<ChatSdkPlatform>;
}

/**
 * A channel over the Chat SDK (`chat` and one `@chat-adapter/*`). Everything that channels have in common is here
 * and in chat-sdk/; a channel's own file says how to connect and what its platform does differently.
 */
export function createChatSdkChannel(options: ChatSdkChannel): ChannelAdapter {
  const { facts, deps } = options;
  const render = options.render ? { render: options.render } : {};
  // Asked again for each part of the same text, and a long one takes a while.
  let last: { text: string; parts: string[] } = { text: '', parts: [] };
  const splitText = (text: string) => {
    if (text !== last.text) {
      const said = withoutImages(text);
      last = { text, parts: splitMarkdown(said, { limit: facts.capabilities.textLimit, ...render }) };
    }
    return last.parts;
  };
  let health: ChannelHealth = { state: 'connecting', detail: 'not started' };
  let connection: Connection | null = null;
  /** A connection that was stopped may still tell of its end: only the current one is listened to. */
  let generation = 0;

  function requireCredentials(): void {
    const missing = missingCredentials(facts, deps.env());
    if (missing.length === 0) return;
    health = { state: 'unconfigured', missing };
    throw new ChannelStartError(
      'channel-unconfigured',
      `${facts.label} has no ${missing.join(', ')}.`,
      `./wharfie channel --auth ${facts.type}`,
    );
  }

  async function start(host: ChannelHost): Promise<void> {
    generation += 1;
    const own = generation;
    health = { state: 'connecting', detail: 'starting' };
    requireCredentials();
    const { openConnection } = await loaded(facts, () => import('./connection.js'));
    const opening = openConnection({
      ...options,
      host,
      splitText,
      connect: (context) => loaded(facts, () => options.connect(context)),
      onHealth(next) {
        if (own !== generation) return;
        health = next;
        host.healthChanged();
      },
    });
    connection = opening;
    await opening.opened;
  }

  const connected = (): Connection => {
    if (connection && health.state === 'connected') return connection;
    throw new ChannelError(
      `${facts.type}-not-connected`,
      `${facts.label} is not connected.`,
      'Nothing to do: it is sent when the channel is back.',
      { errorClass: 'transient' },
    );
  };

  return {
    channelType: facts.type,
    capabilities: facts.capabilities,
    start,
    async stop() {
      generation += 1;
      const closing = connection;
      connection = null;
      if (health.state === 'connected') health = { state: 'connecting', detail: 'stopped' };
      await closing?.close();
    },
    health: () => health,
    botName: () => (health.state === 'connected' ? (connection?.botName() ?? null) : null),
    splitText,
    deliver: async (request) => connected().deliver(request),
    async setTyping(to) {
      if (health.state === 'connected') await connection?.setTyping(to);
    },
    async resolveChat(platformId) {
      return connected().resolveChat(platformId);
    },
    retake: async (raw) => connected().retake(raw),
    ...(facts.capabilities.history
      ? {
          fetchSince: (platformId, after, signal) => connected().history(platformId, after, signal),
          findSent: async (...asked) => connected().findSent(...asked),
        }
      : {}),
  };
}

/** Runs what imports a channel's package, and says how to install it where it is missing. */
async function loaded<T>(facts: ChannelFacts, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ChannelStartError(
      'channel-package-missing',
      `The package for ${facts.label} is not installed.`,
      `./wharfie channel --enable ${facts.type}`,
      { cause: error },
    );
  }
}
