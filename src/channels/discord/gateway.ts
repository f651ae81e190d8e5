import { Client, type ClientOptions, Events, GatewayIntentBits, Options } from 'discord.js';
import type { Clock } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { type ChannelHealth, ChannelStartError } from '../adapter.js';
import { AUTH_FIX } from './errors.js';

export interface GatewayDeps {
  token: string;
  /** With its version, as the adapter takes it. */
  apiUrl: string;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
  /** `fresh`: a new session, in which nothing that was missed is sent again. */
  onConnected(fresh: boolean): void;
  onDisconnected(health: Exclude<ChannelHealth, { state: 'connected' }>): void;
  /** A dispatch, as it came: to be checked. */
  onPacket(type: string, data: unknown): void;
}

export interface DiscordGateway {
  readonly client: Client;
  /** Resolves when the session is ready. Rejects when Discord refuses it, or after 60 s. */
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Packet {
  t?: unknown;
  d?: unknown;
}

const LONGEST_LOGIN_MS = 60_000;

/** Dispatches from which discord.js learns guilds, channels, threads and roles, which are looked up there. */
const FOR_ITS_CACHE =
  /^(READY|RESUMED|USER_UPDATE|GUILD_(CREATE|UPDATE|DELETE)|GUILD_ROLE_\w+|CHANNEL_(CREATE|UPDATE|DELETE)|THREAD_(CREATE|UPDATE|DELETE|LIST_SYNC))$/;

/** Close codes after which Discord takes no new session, and what helps. */
const FATAL: Readonly<Record<number, { detail: string; fix: string }>> = {
  4004: { detail: 'Discord refused the bot token.', fix: AUTH_FIX },
  4014: {
    detail: 'The bot may not read messages: the Message Content Intent is off.',
    fix: 'discord.com/developers/applications > your application > Bot > switch on Message Content Intent.',
  },
};

/**
 * discord.js's client as a source of packets: it keeps the session alive, resumes it and knows the channels. The
 * Chat SDK's own listener is not used: it drops what bots say, opens a thread at every mention, and hides its state.
 */
export function createDiscordGateway(deps: GatewayDeps): DiscordGateway {
  const client = new Client(clientOptions(deps.apiUrl));
  let closed = false;
  let onRefused: (error: Error) => void = () => {};

  client.on(Events.Raw, (packet: Packet) => {
    const { t: type, d: data } = packet;
    // discord.js gets the same object next. What it does not have to know it does not see: a packet of a kind that
    // is newer than the library makes it throw where nothing can catch it.
    if (typeof type !== 'string' || !FOR_ITS_CACHE.test(type)) packet.t = null;
    if (closed || typeof type !== 'string') return;
    if (type === 'READY' || type === 'RESUMED') deps.onConnected(type === 'READY');
    deps.onPacket(type, data);
  });
  client.on(Events.ShardReconnecting, () => {
    if (!closed)
      deps.onDisconnected({ state: 'connecting', detail: 'the connection broke, it is made again' });
  });
  client.on(Events.ShardDisconnect, ({ code }) => {
    if (closed) return;
    const { detail, fix } = FATAL[code] ?? {
      detail: `Discord ended the session (${code}).`,
      fix: 'It is started anew by itself; discordstatus.com tells of outages.',
    };
    deps.onDisconnected({ state: 'failed', detail, fix });
    onRefused(new ChannelStartError('discord-session-refused', detail, fix));
  });
  const onError = (error: Error) =>
    deps.log.debug({ code: codeOf(error), reason: reasonOf(error) }, 'gateway error');
  client.on(Events.Error, onError);
  client.on(Events.ShardError, onError);

  async function open(): Promise<void> {
    const timer = { cancel: () => {} };
    const ended = new Promise<never>((_, reject) => {
      onRefused = reject;
      const timeout = deps.clock.after(LONGEST_LOGIN_MS, () =>
        reject(new Error('the gateway did not answer')),
      );
      timer.cancel = () => timeout.cancel();
      deps.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
    try {
      await Promise.race([client.login(deps.token), ended]);
    } finally {
      timer.cancel();
      onRefused = () => {};
    }
  }

  return {
    client,
    open,
    async close() {
      closed = true;
      await client.destroy();
    },
  };
}

function clientOptions(apiUrl: string): ClientOptions {
  const [, api = apiUrl, version = '10'] = /^(.*)\/v(\d+)$/.exec(apiUrl) ?? [];
  return {
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.MessageContent,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    rest: { api, version },
    // Packets are handed on as they come: only guilds, channels and roles are looked up later.
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      PresenceManager: 0,
      VoiceStateManager: 0,
      GuildMemberManager: { maxSize: 10, keepOverLimit: (member) => member.id === member.client.user.id },
      UserManager: { maxSize: 100, keepOverLimit: (user) => user.id === user.client.user.id },
    }),
  };
}
